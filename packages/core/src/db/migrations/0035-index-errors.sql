-- Text is looked for in errors: the rows that have one are few, those that ended well have none.
create index workload_error on workload (id) where error is not null;
