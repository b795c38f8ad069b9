-- What became of the publications of a campaign is counted from this index alone.
create index publication_campaign_status on publication (campaign_id, status, sub_status) where campaign_id is not null;
