-- Projections of the log: folded from the stream `workloads` by one server at a time, each event exactly once.

create table projection (
  name text collate "C" primary key,
  position bigint not null default 0
);
insert into projection (name) values ('statistics');

-- What happened in a bucket, per lane.
create table stat_bucket (
  bucket_size text not null check (bucket_size in ('minute', 'hour', 'day')),
  bucket_start timestamptz not null,
  lane_id integer not null,
  created bigint not null default 0,
  started bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  primary key (bucket_size, bucket_start, lane_id)
);

-- Mergeable histograms with logarithmic classes; metric 0 is the duration of an attempt, 1 the wait before the first.
create table stat_histogram (
  bucket_size text not null check (bucket_size in ('minute', 'hour', 'day')),
  bucket_start timestamptz not null,
  lane_id integer not null,
  metric smallint not null check (metric in (0, 1)),
  class smallint not null check (class >= 0),
  count bigint not null check (count >= 0),
  primary key (bucket_size, bucket_start, lane_id, metric, class)
);

-- The present status of the workloads created in a minute, per lane: statistics over a window without reading history.
create table stat_created (
  created_minute timestamptz not null,
  lane_id integer not null,
  pending bigint not null default 0,
  running bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  primary key (created_minute, lane_id)
);
