-- Reads behind every uptime. Functions because they carry their own setting: with the values of each call a connection would plan
-- these joins anew, which takes longer than running them; so it plans once, for any window. Each range is one index scan. Without
-- compilation: while sequential scans are discouraged a table without an index (maintenance) looks dear enough for it, and compiling
-- takes a thousand times as long as the read.

-- Counts of monitors over whole buckets (lengths, from, to) and raw pieces (from, to), in the order of the ids.
create function count_runs(ids text[], lengths integer[], froms timestamptz[], tos timestamptz[], raw_froms timestamptz[], raw_tos timestamptz[])
returns table (ord bigint, total float8, passed float8, degraded float8, flaky float8, excluded float8, duration_ms_sum float8)
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  return query
  select i.ord, coalesce(sum(p.total), 0), coalesce(sum(p.passed), 0), coalesce(sum(p.degraded), 0), coalesce(sum(p.flaky), 0),
    coalesce(sum(p.excluded), 0), coalesce(sum(p.duration_ms), 0)
  from unnest(ids) with ordinality as i(test_id, ord)
  left join lateral (
    select b.* from unnest(lengths, froms, tos) as r(seconds, from_at, to_at)
    cross join lateral (
      select sum(total::float8) as total, sum(passed::float8) as passed, sum(degraded::float8) as degraded, sum(flaky::float8) as flaky,
        sum(excluded::float8) as excluded, sum(duration_ms_sum::float8) as duration_ms
      from run_bucket where test_id = i.test_id and bucket_seconds = r.seconds and bucket_at >= r.from_at and bucket_at < r.to_at) b
    union all
    select e.* from unnest(raw_froms, raw_tos) as r(from_at, to_at)
    cross join lateral (
      select (count(*) filter (where not is_excluded))::float8, (count(*) filter (where passed and not is_excluded))::float8,
        (count(*) filter (where is_degraded and not is_excluded))::float8, (count(*) filter (where is_flaky and not is_excluded))::float8,
        (count(*) filter (where is_excluded))::float8, sum(duration_ms::float8) filter (where not is_excluded)
      from run where test_id = i.test_id and started_at >= r.from_at and started_at < r.to_at) e
  ) p on true
  group by i.ord order by i.ord;
end
$$;

-- What the figures of monitors over [window_from, window_to) are made of: definition, spans that do not count, states and planned work.
create function uptime_sources(ids text[], window_from timestamptz, window_to timestamptz)
returns table (id text, tags text[], interval_seconds integer, cron text, timezone text, timeout_ms integer, retries integer,
  created_at timestamptz, last_run_at timestamptz, spans json, segments json, maintenance json)
language plpgsql stable set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off set jit = off as $$
#variable_conflict use_column
begin
  return query
  select m.id, m.tags, m.interval_seconds, m.cron, m.timezone, m.timeout_ms, m.retries, m.created_at, s.last_run_at,
    (select json_agg(json_build_array(x.kind, extract(epoch from x.from_at) * 1000, extract(epoch from x.to_at) * 1000, x.reason) order by x.from_at)
      from excluded_span x where x.test_id = m.id and x.revoked_at is null and x.from_at < window_to and (x.to_at is null or x.to_at > window_from)),
    (select json_agg(json_build_array(g.state, extract(epoch from g.from_at) * 1000, extract(epoch from g.to_at) * 1000) order by g.from_at)
      from state_segment g where g.test_id = m.id and g.from_at < window_to and (g.to_at is null or g.to_at > window_from)),
    (select json_agg(p) from maintenance p)
  from unnest(ids) as i(id) join monitor m on m.id = i.id join monitor_state s on s.test_id = m.id;
end
$$;
