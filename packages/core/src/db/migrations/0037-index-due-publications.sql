-- A calendar counts the publications that are due within a month or a week, whatever the history.
create index publication_due on publication (due_at) where due_at is not null;
