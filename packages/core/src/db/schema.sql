-- What the migrations add up to. Written by scripts/dump-schema.ts; change the migrations instead.

create table api_key (
  id text collate "C" not null,
  name text not null,
  role text not null,
  hash text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  family text collate "C" not null,
  queues text[],
  kinds text[],
  sees_payloads boolean not null default true,
  created_by text,
  replaced_by text collate "C",
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_admin_unlimited CHECK (((role <> 'admin'::text) OR ((queues IS NULL) AND (kinds IS NULL) AND sees_payloads))),
  constraint api_key_hash_check CHECK ((length(hash) = 64)),
  constraint api_key_kinds_check CHECK ((cardinality(kinds) >= 1)),
  constraint api_key_name_check CHECK (((length(name) >= 1) AND (length(name) <= 128))),
  constraint api_key_queues_check CHECK ((cardinality(queues) >= 1)),
  constraint api_key_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text, 'worker'::text])))
);
CREATE INDEX api_key_family ON api_key USING btree (family);

create table attempt (
  workload_id text collate "C" not null,
  lease_epoch integer not null,
  attempt integer not null,
  worker_id text,
  outcome text not null,
  next_status text not null,
  next_reason text,
  exit_code integer,
  signal text,
  error text,
  keys_scanned bigint,
  request_id text,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone not null,
  duration_ms bigint not null,
  started_position integer not null,
  finished_position integer not null,
  constraint attempt_pkey PRIMARY KEY (workload_id, lease_epoch),
  constraint attempt_check CHECK ((finished_position > started_position)),
  constraint attempt_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint attempt_outcome_check CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text, 'timeout'::text, 'released'::text, 'lease_expired'::text, 'cancelled'::text, 'unconfirmed'::text, 'revoked'::text])))
);

create table audit_entry (
  "position" bigint not null,
  at timestamp with time zone not null,
  actor_kind text not null,
  actor_id text,
  actor_name text,
  address text,
  action text not null,
  target text,
  outcome text not null,
  item_count integer not null default 1,
  request_id text,
  details text,
  previous_hash text not null,
  hash text not null,
  constraint audit_entry_pkey PRIMARY KEY ("position"),
  constraint audit_entry_hash_check CHECK ((length(hash) = 64)),
  constraint audit_entry_item_count_check CHECK ((item_count >= 1)),
  constraint audit_entry_position_check CHECK (("position" >= 1)),
  constraint audit_entry_previous_hash_check CHECK ((length(previous_hash) = 64))
);
CREATE INDEX audit_entry_action ON audit_entry USING btree (action, "position");
CREATE INDEX audit_entry_actor ON audit_entry USING btree (actor_id, "position");
CREATE INDEX audit_entry_target ON audit_entry USING btree (target, "position");
CREATE TRIGGER audit_entry_is_append_only BEFORE DELETE OR UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER audit_entry_is_kept BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

create table audit_head (
  is_only boolean not null default true,
  "position" bigint not null,
  hash text not null,
  constraint audit_head_pkey PRIMARY KEY (is_only),
  constraint audit_head_is_only_check CHECK (is_only)
);

create table campaign (
  id text collate "C" not null,
  name text not null,
  status text not null,
  clip_ids text[] not null default '{}'::text[],
  budget numeric,
  spend numeric not null default 0,
  starts_at timestamp with time zone,
  ends_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint campaign_pkey PRIMARY KEY (id),
  constraint campaign_budget_check CHECK ((budget >= (0)::numeric)),
  constraint campaign_check CHECK ((ends_at >= starts_at)),
  constraint campaign_spend_check CHECK ((spend >= (0)::numeric)),
  constraint campaign_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'paused'::text, 'completed'::text])))
);
CREATE INDEX campaign_created ON campaign USING btree (created_at);
CREATE INDEX campaign_ending ON campaign USING btree (ends_at) WHERE (status = ANY (ARRAY['active'::text, 'paused'::text]));

create table channel (
  id text collate "C" not null,
  name text not null,
  type text not null,
  config text not null,
  is_enabled boolean not null default true,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint channel_pkey PRIMARY KEY (id),
  constraint channel_name_key UNIQUE (name),
  constraint channel_type_check CHECK ((type = ANY (ARRAY['webhook'::text, 'email'::text, 'slack'::text, 'discord'::text])))
);

create table clip (
  id text collate "C" not null,
  video_id text collate "C" not null,
  title text not null,
  visual_score numeric,
  start_ms bigint,
  end_ms bigint,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint clip_pkey PRIMARY KEY (id),
  constraint clip_check CHECK ((end_ms >= start_ms)),
  constraint clip_start_ms_check CHECK ((start_ms >= 0)),
  constraint clip_video_id_fkey FOREIGN KEY (video_id) REFERENCES video(id),
  constraint clip_visual_score_check CHECK (((visual_score >= (0)::numeric) AND (visual_score <= (1)::numeric)))
);
CREATE INDEX clip_created ON clip USING btree (created_at);
CREATE INDEX clip_video ON clip USING btree (video_id, id);

create table counter (
  slot integer not null,
  lane_id integer not null,
  pending bigint not null default 0,
  running bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  constraint counter_pkey PRIMARY KEY (slot, lane_id)
) with (fillfactor=40);

create table delivery (
  id text collate "C" not null,
  channel_id text collate "C" not null,
  outage_id text collate "C",
  test_id text collate "C",
  kind text not null,
  seq integer not null default 0,
  status text not null,
  data text not null default '{}'::text,
  attempts integer not null default 0,
  next_try_at timestamp with time zone,
  leased_until timestamp with time zone,
  last_error text,
  created_at timestamp with time zone not null default now(),
  delivered_at timestamp with time zone,
  alert_id text collate "C",
  constraint delivery_pkey PRIMARY KEY (id),
  constraint delivery_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES publishing_alert(id) ON DELETE CASCADE,
  constraint delivery_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES channel(id) ON DELETE CASCADE,
  constraint delivery_check CHECK (((delivered_at IS NOT NULL) = (status = 'delivered'::text))),
  constraint delivery_check1 CHECK (((leased_until IS NOT NULL) = (status = 'sending'::text))),
  constraint delivery_outage_id_fkey FOREIGN KEY (outage_id) REFERENCES outage(id) ON DELETE CASCADE,
  constraint delivery_outage_id_kind_channel_id_seq_key UNIQUE (outage_id, kind, channel_id, seq),
  constraint delivery_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'delivered'::text, 'failed'::text])))
);
CREATE UNIQUE INDEX delivery_alert ON delivery USING btree (alert_id, kind, channel_id, seq) WHERE (alert_id IS NOT NULL);
CREATE INDEX delivery_channel ON delivery USING btree (channel_id, id);
CREATE INDEX delivery_due ON delivery USING btree (next_try_at) WHERE (status = 'queued'::text);
CREATE INDEX delivery_sending ON delivery USING btree (leased_until) WHERE (status = 'sending'::text);

create table event (
  stream text collate "C" not null,
  "position" bigint not null,
  item_count integer not null,
  items text not null,
  created_at timestamp with time zone not null default now(),
  constraint event_pkey PRIMARY KEY (stream, "position"),
  constraint event_item_count_check CHECK ((item_count >= 1))
);
CREATE INDEX event_created_at ON event USING brin (created_at);

create table excluded_span (
  id text collate "C" not null,
  test_id text collate "C" not null,
  kind text not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  reason text,
  created_by text,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  revoked_by text,
  constraint excluded_span_pkey PRIMARY KEY (id),
  constraint excluded_span_check CHECK (((to_at IS NULL) OR (to_at >= from_at))),
  constraint excluded_span_kind_check CHECK ((kind = ANY (ARRAY['paused'::text, 'excluded'::text]))),
  constraint excluded_span_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX excluded_span_paused ON excluded_span USING btree (test_id) WHERE ((kind = 'paused'::text) AND (to_at IS NULL));
CREATE INDEX excluded_span_test ON excluded_span USING btree (test_id, from_at);

create table failure_bucket (
  group_id text collate "C" not null,
  bucket_at timestamp with time zone not null,
  count bigint not null,
  constraint failure_bucket_pkey PRIMARY KEY (group_id, bucket_at),
  constraint failure_bucket_count_check CHECK ((count >= 1)),
  constraint failure_bucket_group_id_fkey FOREIGN KEY (group_id) REFERENCES failure_group(id) ON DELETE CASCADE
) with (fillfactor=70);

create table failure_group (
  id text collate "C" not null,
  domain text not null,
  subject text not null,
  message text not null,
  sample text not null,
  count bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  last_ref text not null,
  status text not null default 'open'::text,
  status_at timestamp with time zone,
  returned_count integer not null default 0,
  constraint failure_group_pkey PRIMARY KEY (id),
  constraint failure_group_check CHECK ((last_at >= first_at)),
  constraint failure_group_count_check CHECK ((count >= 1)),
  constraint failure_group_domain_check CHECK ((domain = ANY (ARRAY['workload'::text, 'monitor'::text, 'publication'::text]))),
  constraint failure_group_status_check CHECK ((status = ANY (ARRAY['open'::text, 'resolved'::text, 'ignored'::text])))
) with (fillfactor=70);
CREATE INDEX failure_group_newest ON failure_group USING btree (last_at DESC, id DESC);

create table kind_schema (
  kind text collate "C" not null,
  schema text not null,
  worker_id text collate "C" not null,
  updated_at timestamp with time zone not null default now(),
  constraint kind_schema_pkey PRIMARY KEY (kind)
);

create table lane (
  id integer not null generated always as identity,
  queue text not null,
  kind text not null,
  isolation text not null,
  required_labels jsonb not null default '{}'::jsonb,
  required_key text not null,
  constraint lane_pkey PRIMARY KEY (id),
  constraint lane_isolation_check CHECK ((isolation = ANY (ARRAY['process'::text, 'isolate'::text, 'gvisor'::text, 'microvm'::text]))),
  constraint lane_queue_kind_isolation_required_key_key UNIQUE (queue, kind, isolation, required_key)
);

create table lease (
  workload_id text collate "C" not null,
  lease_epoch integer not null,
  lane_id integer not null,
  worker_id text not null,
  attempt integer not null,
  granted_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  deadline_at timestamp with time zone,
  cancel_requested_at timestamp with time zone,
  cancel_deadline_at timestamp with time zone,
  is_executing boolean not null default false,
  checkpoint text,
  progress text,
  keys_scanned bigint,
  last_request_id text,
  progressed_at timestamp with time zone,
  started_position integer not null,
  "position" integer not null,
  output_seq integer not null default '-1'::integer,
  output_bytes bigint not null default 0,
  concurrency_key text,
  constraint lease_pkey PRIMARY KEY (workload_id)
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.02, autovacuum_vacuum_threshold=1000);
CREATE INDEX lease_cancelling ON lease USING btree (worker_id) WHERE (cancel_requested_at IS NOT NULL);

create table lease_grant (
  id bigint not null generated always as identity,
  granted_at timestamp with time zone not null default now(),
  lanes integer[] not null,
  workload_ids text[] not null,
  epochs integer[] not null,
  constraint lease_grant_pkey PRIMARY KEY (id)
);

create table maintenance (
  id text collate "C" not null,
  name text not null,
  test_ids text[] not null default '{}'::text[],
  tags text[] not null default '{}'::text[],
  starts_at timestamp with time zone not null,
  ends_at timestamp with time zone,
  cron text,
  timezone text not null default 'UTC'::text,
  duration_minutes integer,
  created_at timestamp with time zone not null default now(),
  constraint maintenance_pkey PRIMARY KEY (id),
  constraint maintenance_check CHECK (((cron IS NULL) = (duration_minutes IS NULL))),
  constraint maintenance_check1 CHECK (((cron IS NOT NULL) OR (ends_at IS NOT NULL))),
  constraint maintenance_check2 CHECK (((ends_at IS NULL) OR (ends_at > starts_at))),
  constraint maintenance_duration_minutes_check CHECK ((duration_minutes >= 1))
);

create table migration (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migration_pkey PRIMARY KEY (name)
);

create table monitor (
  id text collate "C" not null,
  name text not null,
  type text not null,
  url text,
  steps text not null default '[]'::text,
  interval_seconds integer,
  cron text,
  timezone text not null default 'UTC'::text,
  grace_seconds integer not null default 60,
  timeout_ms integer not null,
  retries integer not null default 0,
  status text not null,
  tags text[] not null default '{}'::text[],
  is_public boolean not null default false,
  alert jsonb not null default '{}'::jsonb,
  degraded_ms integer,
  slo_target_pct double precision,
  parent_id text collate "C",
  ping_key text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint monitor_pkey PRIMARY KEY (id),
  constraint monitor_check CHECK (((interval_seconds IS NULL) <> (cron IS NULL))),
  constraint monitor_check1 CHECK (((type = 'heartbeat'::text) = (ping_key IS NOT NULL))),
  constraint monitor_check2 CHECK (((type = 'heartbeat'::text) OR (url IS NOT NULL))),
  constraint monitor_degraded_ms_check CHECK ((degraded_ms > 0)),
  constraint monitor_grace_seconds_check CHECK ((grace_seconds >= 0)),
  constraint monitor_interval_seconds_check CHECK ((interval_seconds >= 5)),
  constraint monitor_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES monitor(id) ON DELETE SET NULL,
  constraint monitor_ping_key_key UNIQUE (ping_key),
  constraint monitor_retries_check CHECK ((retries >= 0)),
  constraint monitor_slo_target_pct_check CHECK (((slo_target_pct > (0)::double precision) AND (slo_target_pct < (100)::double precision))),
  constraint monitor_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text]))),
  constraint monitor_timeout_ms_check CHECK ((timeout_ms > 0)),
  constraint monitor_type_check CHECK ((type = ANY (ARRAY['synthetic'::text, 'heartbeat'::text])))
);
CREATE INDEX monitor_parent ON monitor USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX monitor_tags ON monitor USING gin (tags);

create table monitor_state (
  test_id text collate "C" not null,
  next_run_at timestamp with time zone,
  last_result text,
  last_run_at timestamp with time zone,
  last_run_id text collate "C",
  side text,
  recent text not null default '[]'::text,
  run_total bigint not null default 0,
  failed_total bigint not null default 0,
  counted_from timestamp with time zone not null default '-infinity'::timestamp with time zone,
  counted_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  counted_total bigint not null default 0,
  counted_failed bigint not null default 0,
  counted_degraded bigint not null default 0,
  counted_flaky bigint not null default 0,
  counted_duration_ms bigint not null default 0,
  constraint monitor_state_pkey PRIMARY KEY (test_id),
  constraint monitor_state_last_result_check CHECK ((last_result = ANY (ARRAY['passed'::text, 'failed'::text]))),
  constraint monitor_state_side_check CHECK ((side = ANY (ARRAY['up'::text, 'down'::text]))),
  constraint monitor_state_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
) with (fillfactor=50);
CREATE INDEX monitor_state_due ON monitor_state USING btree (next_run_at) WHERE (next_run_at IS NOT NULL);
CREATE INDEX monitor_state_recent ON monitor_state USING btree (last_run_at DESC, test_id DESC) WHERE (last_run_at IS NOT NULL);

create table open_run (
  run_id text collate "C" not null,
  test_id text collate "C" not null,
  workload_id text collate "C",
  triggered_by text not null,
  is_scheduled boolean not null,
  event_epoch integer not null default '-1'::integer,
  event_seq integer not null default '-1'::integer,
  created_at timestamp with time zone not null default now(),
  constraint open_run_pkey PRIMARY KEY (run_id),
  constraint open_run_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE,
  constraint open_run_workload_id_key UNIQUE (workload_id)
) with (fillfactor=50);
CREATE UNIQUE INDEX open_run_scheduled ON open_run USING btree (test_id) WHERE is_scheduled;
CREATE INDEX open_run_test ON open_run USING btree (test_id);

create table operation (
  id text collate "C" not null,
  action text not null,
  filter jsonb not null,
  status text not null,
  total integer not null,
  succeeded integer not null default 0,
  refused integer not null default 0,
  next_id text collate "C" not null,
  created_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  constraint operation_pkey PRIMARY KEY (id),
  constraint operation_action_check CHECK ((action = ANY (ARRAY['cancel'::text, 'retry'::text]))),
  constraint operation_check CHECK (((finished_at IS NOT NULL) = (status <> 'running'::text))),
  constraint operation_status_check CHECK ((status = ANY (ARRAY['running'::text, 'completed'::text, 'stopped'::text]))),
  constraint operation_total_check CHECK ((total >= 0))
);
CREATE INDEX operation_running ON operation USING btree (id) WHERE (status = 'running'::text);

create table operation_item (
  operation_id text collate "C" not null,
  workload_id text collate "C" not null,
  code text,
  message text,
  constraint operation_item_pkey PRIMARY KEY (operation_id, workload_id),
  constraint operation_item_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES operation(id) ON DELETE CASCADE
);

create table outage (
  id text collate "C" not null,
  test_id text collate "C" not null,
  status text not null,
  opened_at timestamp with time zone not null,
  confirmed_at timestamp with time zone not null,
  acknowledged_at timestamp with time zone,
  acknowledged_by text,
  resolved_at timestamp with time zone,
  resolution text,
  failed_runs integer not null,
  first_run_id text collate "C" not null,
  last_run_id text collate "C" not null,
  last_failed_at timestamp with time zone not null,
  last_passed_at timestamp with time zone,
  recovery_run_id text collate "C",
  error text,
  reopen_count integer not null default 0,
  muted_until timestamp with time zone,
  is_suppressed boolean not null default false,
  held_until timestamp with time zone,
  resolved_by text,
  constraint outage_pkey PRIMARY KEY (id),
  constraint outage_check CHECK (((resolved_at IS NOT NULL) = (status = 'resolved'::text))),
  constraint outage_failed_runs_check CHECK ((failed_runs >= 1)),
  constraint outage_resolution_check CHECK ((resolution = ANY (ARRAY['recovered'::text, 'manual'::text]))),
  constraint outage_status_check CHECK ((status = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text]))),
  constraint outage_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
);
CREATE INDEX outage_held ON outage USING btree (test_id) WHERE (held_until IS NOT NULL);
CREATE INDEX outage_newest ON outage USING btree (test_id, opened_at DESC, id DESC);
CREATE UNIQUE INDEX outage_open ON outage USING btree (test_id) WHERE (resolved_at IS NULL);

create table outage_note (
  id text collate "C" not null,
  outage_id text collate "C" not null,
  text text not null,
  author_kind text not null,
  author_id text,
  author_name text,
  created_at timestamp with time zone not null default now(),
  edited_at timestamp with time zone,
  constraint outage_note_pkey PRIMARY KEY (id),
  constraint outage_note_author_kind_check CHECK ((author_kind = ANY (ARRAY['user'::text, 'key'::text, 'open'::text]))),
  constraint outage_note_outage_id_fkey FOREIGN KEY (outage_id) REFERENCES outage(id) ON DELETE CASCADE,
  constraint outage_note_text_check CHECK (((char_length(text) >= 1) AND (char_length(text) <= 4000)))
);
CREATE INDEX outage_note_newest ON outage_note USING btree (outage_id, id DESC);

create table platform (
  key text collate "C" not null,
  connector text not null,
  url text not null,
  secret text not null,
  timeout_ms integer not null,
  rate_per_minute double precision,
  concurrency integer,
  account_concurrency integer,
  max_attempts integer not null,
  missed_after_seconds integer not null,
  result_timeout_seconds integer not null,
  honours_idempotency_key boolean not null,
  is_paused boolean not null,
  updated_at timestamp with time zone not null default now(),
  previous_secret text,
  previous_secret_until timestamp with time zone,
  constraint platform_pkey PRIMARY KEY (key),
  constraint platform_account_concurrency_check CHECK ((account_concurrency >= 1)),
  constraint platform_concurrency_check CHECK ((concurrency >= 1)),
  constraint platform_connector_check CHECK ((connector = 'webhook'::text)),
  constraint platform_key_check CHECK ((key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text]))),
  constraint platform_max_attempts_check CHECK ((max_attempts >= 1)),
  constraint platform_missed_after_seconds_check CHECK ((missed_after_seconds >= 0)),
  constraint platform_previous_secret_check CHECK (((previous_secret IS NULL) = (previous_secret_until IS NULL))),
  constraint platform_rate_per_minute_check CHECK ((rate_per_minute > (0)::double precision)),
  constraint platform_result_timeout_seconds_check CHECK ((result_timeout_seconds >= 1)),
  constraint platform_timeout_ms_check CHECK ((timeout_ms > 0))
);

create table platform_clip (
  clip_id text collate "C" not null,
  platform_key text collate "C" not null,
  log_count bigint not null,
  ready_count bigint not null,
  success_count bigint not null,
  score numeric,
  constraint platform_clip_pkey PRIMARY KEY (clip_id, platform_key),
  constraint platform_clip_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES clip(id)
) with (fillfactor=70);

create table projection (
  name text collate "C" not null,
  "position" bigint not null default 0,
  stream text collate "C" not null default 'workloads'::text,
  constraint projection_pkey PRIMARY KEY (name)
);

create table provider_visit (
  hash text not null,
  next text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint provider_visit_pkey PRIMARY KEY (hash),
  constraint provider_visit_hash_check CHECK ((length(hash) = 64)),
  constraint provider_visit_next_check CHECK ((length(next) <= 2000))
);
CREATE INDEX provider_visit_expires_at ON provider_visit USING btree (expires_at);

create table publication (
  id text collate "C" not null,
  clip_id text collate "C" not null,
  platform text not null,
  platform_key text collate "C" not null,
  social_account_id text collate "C" not null,
  campaign_id text collate "C",
  status text not null,
  sub_status text,
  requested_at timestamp with time zone not null,
  scheduled_for timestamp with time zone,
  due_at timestamp with time zone not null,
  next_try_at timestamp with time zone,
  published_at timestamp with time zone,
  external_id text,
  error text,
  attempt integer not null default 0,
  transient_failures integer not null default 0,
  awaiting_since timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  idempotency_key text collate "C",
  request_hash text,
  constraint publication_pkey PRIMARY KEY (id),
  constraint publication_attempt_check CHECK ((attempt >= 0)),
  constraint publication_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign(id),
  constraint publication_check CHECK (((published_at IS NOT NULL) = (status = 'success'::text))),
  constraint publication_check1 CHECK (((awaiting_since IS NULL) OR (status = 'processing'::text))),
  constraint publication_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES clip(id),
  constraint publication_key_check CHECK (((idempotency_key IS NULL) = (request_hash IS NULL))),
  constraint publication_platform_key_check CHECK ((platform_key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text]))),
  constraint publication_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'scheduled'::text, 'processing'::text, 'success'::text, 'failed'::text, 'cancelled'::text]))),
  constraint publication_transient_failures_check CHECK ((transient_failures >= 0))
) with (fillfactor=85);
CREATE INDEX publication_account ON publication USING btree (platform_key, social_account_id, id);
CREATE INDEX publication_awaiting ON publication USING btree (awaiting_since) WHERE (awaiting_since IS NOT NULL);
CREATE INDEX publication_campaign ON publication USING btree (campaign_id, id) WHERE (campaign_id IS NOT NULL);
CREATE INDEX publication_campaign_status ON publication USING btree (campaign_id, status, sub_status) WHERE (campaign_id IS NOT NULL);
CREATE INDEX publication_clip ON publication USING btree (clip_id, id);
CREATE INDEX publication_due ON publication USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX publication_failed ON publication USING btree (sub_status, id) WHERE (status = 'failed'::text);
CREATE UNIQUE INDEX publication_key ON publication USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX publication_late ON publication USING btree (scheduled_for) WHERE ((status = 'pending'::text) AND (scheduled_for IS NOT NULL) AND (attempt = 0));
CREATE INDEX publication_pending ON publication USING btree (platform_key, due_at, id) WHERE (status = 'pending'::text);
CREATE INDEX publication_platform_created ON publication USING btree (platform_key, created_at);
CREATE INDEX publication_processing ON publication USING btree (id) WHERE (status = 'processing'::text);
CREATE INDEX publication_requested ON publication USING btree (requested_at);
CREATE INDEX publication_scheduled ON publication USING btree (due_at) WHERE (status = 'scheduled'::text);

create table publication_attempt (
  publication_id text collate "C" not null,
  attempt integer not null,
  workload_id text collate "C",
  sent_at timestamp with time zone,
  outcome text,
  http_status integer,
  error text,
  started_at timestamp with time zone not null default now(),
  finished_at timestamp with time zone,
  constraint publication_attempt_pkey PRIMARY KEY (publication_id, attempt),
  constraint publication_attempt_attempt_check CHECK ((attempt >= 1)),
  constraint publication_attempt_check1 CHECK (((finished_at IS NOT NULL) = (outcome IS NOT NULL))),
  constraint publication_attempt_outcome_check CHECK ((outcome = ANY (ARRAY['success'::text, 'accepted'::text, 'content'::text, 'auth'::text, 'rate_limited'::text, 'transient'::text, 'connector'::text, 'unconfirmed'::text, 'cancelled'::text]))),
  constraint publication_attempt_publication_id_fkey FOREIGN KEY (publication_id) REFERENCES publication(id)
);
CREATE INDEX publication_attempt_open ON publication_attempt USING btree (publication_id, attempt) WHERE (finished_at IS NULL);
CREATE UNIQUE INDEX publication_attempt_workload ON publication_attempt USING btree (workload_id) WHERE (workload_id IS NOT NULL);

create table publication_bucket (
  grain text collate "C" not null,
  bucket_at timestamp with time zone not null,
  platform_key text collate "C" not null,
  slot integer not null,
  created bigint not null default 0,
  succeeded bigint not null default 0,
  failed bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  constraint publication_bucket_pkey PRIMARY KEY (grain, bucket_at, platform_key, slot),
  constraint publication_bucket_grain_check CHECK ((grain = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text])))
) with (fillfactor=60);

create table publishing_alert (
  id text collate "C" not null,
  threshold_id text collate "C" not null,
  level text not null,
  opened_at timestamp with time zone not null,
  escalated_at timestamp with time zone,
  resolved_at timestamp with time zone,
  first_value double precision not null,
  worst_value double precision not null,
  last_value double precision,
  constraint publishing_alert_pkey PRIMARY KEY (id),
  constraint publishing_alert_check CHECK ((resolved_at >= opened_at)),
  constraint publishing_alert_level_check CHECK ((level = ANY (ARRAY['warn'::text, 'crit'::text]))),
  constraint publishing_alert_threshold_id_fkey FOREIGN KEY (threshold_id) REFERENCES publishing_threshold(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX publishing_alert_open ON publishing_alert USING btree (threshold_id) WHERE (resolved_at IS NULL);
CREATE INDEX publishing_alert_threshold ON publishing_alert USING btree (threshold_id, id);

create table publishing_counter (
  slot integer not null,
  platform_key text collate "C" not null,
  pending bigint not null default 0,
  scheduled bigint not null default 0,
  processing bigint not null default 0,
  success bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  unconfirmed bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  clock_skew bigint not null default 0,
  clips_ready bigint not null default 0,
  clips_published bigint not null default 0,
  clips_scored bigint not null default 0,
  score_sum numeric not null default 0,
  jobs_pending bigint not null default 0,
  jobs_running bigint not null default 0,
  jobs_completed bigint not null default 0,
  jobs_failed bigint not null default 0,
  jobs_cancelled bigint not null default 0,
  constraint publishing_counter_pkey PRIMARY KEY (slot, platform_key),
  constraint publishing_counter_platform_key_check CHECK ((platform_key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text, 'none'::text])))
) with (fillfactor=40);

create table publishing_dashboard (
  id text collate "C" not null,
  owner text collate "C" not null,
  name text not null,
  is_shared boolean not null,
  items jsonb not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint publishing_dashboard_pkey PRIMARY KEY (id),
  constraint publishing_dashboard_owner_name_key UNIQUE (owner, name)
);
CREATE INDEX publishing_dashboard_shared ON publishing_dashboard USING btree (id) WHERE is_shared;

create table publishing_threshold (
  id text collate "C" not null,
  name text not null,
  metric text not null,
  platform_key text collate "C",
  is_upper boolean not null,
  warn double precision,
  crit double precision,
  recover double precision,
  for_seconds integer not null,
  recover_seconds integer not null,
  channel_ids text[] not null,
  is_enabled boolean not null,
  breach_level text,
  breach_since timestamp with time zone,
  crit_since timestamp with time zone,
  good_since timestamp with time zone,
  last_value double precision,
  checked_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint publishing_threshold_pkey PRIMARY KEY (id),
  constraint publishing_threshold_breach_level_check CHECK ((breach_level = ANY (ARRAY['warn'::text, 'crit'::text]))),
  constraint publishing_threshold_check CHECK (((warn IS NOT NULL) OR (crit IS NOT NULL))),
  constraint publishing_threshold_for_seconds_check CHECK ((for_seconds >= 0)),
  constraint publishing_threshold_platform_key_check CHECK ((platform_key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text]))),
  constraint publishing_threshold_recover_seconds_check CHECK ((recover_seconds >= 0))
);

create table publishing_total (
  slot integer not null,
  videos bigint not null default 0,
  clips bigint not null default 0,
  draft bigint not null default 0,
  active bigint not null default 0,
  paused bigint not null default 0,
  completed bigint not null default 0,
  budget_spent numeric not null default 0,
  constraint publishing_total_pkey PRIMARY KEY (slot)
) with (fillfactor=40);

create table publishing_window (
  bucket_seconds integer not null,
  bucket_at timestamp with time zone not null,
  platform_key text collate "C" not null,
  pending bigint not null default 0,
  scheduled bigint not null default 0,
  processing bigint not null default 0,
  success bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  unconfirmed bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  clock_skew bigint not null default 0,
  constraint publishing_window_pkey PRIMARY KEY (bucket_seconds, bucket_at, platform_key),
  constraint publishing_window_bucket_seconds_check CHECK ((bucket_seconds = ANY (ARRAY[300, 3600, 86400]))),
  constraint publishing_window_platform_key_check CHECK ((platform_key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text, 'none'::text])))
) with (fillfactor=60);

create table queue (
  name text collate "C" not null,
  is_paused boolean not null default false,
  concurrency integer,
  key_concurrency integer,
  rate_per_minute double precision,
  rate_burst integer,
  tokens double precision not null default 0,
  refilled_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint queue_pkey PRIMARY KEY (name),
  constraint queue_concurrency_check CHECK ((concurrency >= 0)),
  constraint queue_key_concurrency_check CHECK ((key_concurrency >= 1)),
  constraint queue_rate_burst_check CHECK ((rate_burst >= 1)),
  constraint queue_rate_per_minute_check CHECK ((rate_per_minute > (0)::double precision))
);

create table run (
  run_id text collate "C" not null,
  test_id text collate "C" not null,
  workload_id text collate "C",
  worker_id text collate "C",
  started_at timestamp with time zone not null,
  completed_at timestamp with time zone not null,
  duration_ms bigint not null,
  passed boolean not null,
  is_degraded boolean not null default false,
  is_flaky boolean not null default false,
  is_excluded boolean not null default false,
  attempts integer not null default 1,
  triggered_by text not null,
  steps_passed integer not null,
  steps_total integer not null,
  details text not null,
  error text,
  total_before integer,
  failed_before integer,
  degraded_before integer,
  flaky_before integer,
  duration_ms_before bigint,
  constraint run_pkey PRIMARY KEY (run_id),
  constraint run_attempts_check CHECK ((attempts >= 0)),
  constraint run_check CHECK ((steps_total >= steps_passed)),
  constraint run_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint run_steps_passed_check CHECK ((steps_passed >= 0)),
  constraint run_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
);
CREATE INDEX run_failed ON run USING btree (test_id, started_at DESC, run_id DESC) WHERE (NOT passed);
CREATE INDEX run_newest ON run USING btree (test_id, started_at DESC, run_id DESC);
CREATE INDEX run_started ON run USING btree (started_at);

create table run_bucket (
  test_id text collate "C" not null,
  bucket_seconds integer not null,
  bucket_at timestamp with time zone not null,
  total bigint not null,
  passed bigint not null,
  degraded bigint not null,
  flaky bigint not null,
  excluded bigint not null,
  duration_ms_sum bigint not null,
  duration_ms_min bigint not null,
  duration_ms_max bigint not null,
  constraint run_bucket_pkey PRIMARY KEY (test_id, bucket_seconds, bucket_at),
  constraint run_bucket_bucket_seconds_check CHECK ((bucket_seconds = ANY (ARRAY[300, 3600, 86400]))),
  constraint run_bucket_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
) with (fillfactor=60);

create table run_detail (
  run_id text collate "C" not null,
  step_results text not null,
  artifacts text,
  constraint run_detail_pkey PRIMARY KEY (run_id),
  constraint run_detail_run_id_fkey FOREIGN KEY (run_id) REFERENCES run(run_id) ON DELETE CASCADE
);

create table run_histogram (
  test_id text collate "C" not null,
  bucket_seconds integer not null,
  bucket_at timestamp with time zone not null,
  class smallint not null,
  count bigint not null,
  constraint run_histogram_pkey PRIMARY KEY (test_id, bucket_seconds, bucket_at, class),
  constraint run_histogram_bucket_seconds_check CHECK ((bucket_seconds = ANY (ARRAY[3600, 86400]))),
  constraint run_histogram_class_check CHECK ((class >= 0)),
  constraint run_histogram_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
) with (fillfactor=60);

create table secret (
  name text collate "C" not null,
  key_id text collate "C" not null,
  sealed text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint secret_pkey PRIMARY KEY (name),
  constraint secret_name CHECK ((name ~ '^[A-Z][A-Z0-9_]{0,63}$'::text))
);

create table setting (
  key text collate "C" not null,
  value jsonb not null,
  updated_at timestamp with time zone not null default now(),
  constraint setting_pkey PRIMARY KEY (key)
);

create table setup_claim (
  is_done boolean not null default true,
  user_id text collate "C" not null,
  claimed_at timestamp with time zone not null default now(),
  constraint setup_claim_pkey PRIMARY KEY (is_done),
  constraint setup_claim_is_done_check CHECK (is_done)
);

create table setup_link (
  hash text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint setup_link_pkey PRIMARY KEY (hash),
  constraint setup_link_hash_check CHECK ((length(hash) = 64))
);

create table sign_in_budget (
  subject text not null,
  spent integer not null,
  resets_at timestamp with time zone not null,
  constraint sign_in_budget_pkey PRIMARY KEY (subject),
  constraint sign_in_budget_spent_check CHECK ((spent >= 0))
);
CREATE INDEX sign_in_budget_resets_at ON sign_in_budget USING btree (resets_at);

create table social_account (
  platform_key text collate "C" not null,
  id text collate "C" not null,
  name text,
  status text not null default 'active'::text,
  pause_reason text,
  not_before timestamp with time zone,
  processing_count bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint social_account_pkey PRIMARY KEY (platform_key, id),
  constraint social_account_processing_count_check CHECK ((processing_count >= 0)),
  constraint social_account_status_check CHECK ((status = ANY (ARRAY['active'::text, 'paused'::text])))
) with (fillfactor=70);
CREATE INDEX social_account_busy ON social_account USING btree (id) WHERE (processing_count > 0);

create table stat_bucket (
  bucket_size text not null,
  bucket_start timestamp with time zone not null,
  lane_id integer not null,
  created bigint not null default 0,
  started bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  constraint stat_bucket_pkey PRIMARY KEY (bucket_size, bucket_start, lane_id),
  constraint stat_bucket_bucket_size_check CHECK ((bucket_size = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text])))
);

create table stat_created (
  created_minute timestamp with time zone not null,
  lane_id integer not null,
  pending bigint not null default 0,
  running bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  cancelled bigint not null default 0,
  duration_ms_sum bigint not null default 0,
  duration_count bigint not null default 0,
  constraint stat_created_pkey PRIMARY KEY (created_minute, lane_id)
);

create table stat_histogram (
  bucket_size text not null,
  bucket_start timestamp with time zone not null,
  lane_id integer not null,
  metric smallint not null,
  class smallint not null,
  count bigint not null,
  constraint stat_histogram_pkey PRIMARY KEY (bucket_size, bucket_start, lane_id, metric, class),
  constraint stat_histogram_bucket_size_check CHECK ((bucket_size = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text]))),
  constraint stat_histogram_class_check CHECK ((class >= 0)),
  constraint stat_histogram_count_check CHECK ((count >= 0)),
  constraint stat_histogram_metric_check CHECK ((metric = ANY (ARRAY[0, 1])))
);

create table state_segment (
  test_id text collate "C" not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  state text not null,
  constraint state_segment_pkey PRIMARY KEY (test_id, from_at),
  constraint state_segment_check CHECK (((to_at IS NULL) OR (to_at >= from_at))),
  constraint state_segment_state_check CHECK ((state = ANY (ARRAY['up'::text, 'down'::text, 'unknown'::text]))),
  constraint state_segment_test_id_fkey FOREIGN KEY (test_id) REFERENCES monitor(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX state_segment_open ON state_segment USING btree (test_id) WHERE (to_at IS NULL);

create table stream (
  name text collate "C" not null,
  "position" bigint not null default 0,
  floor bigint not null default 0,
  constraint stream_pkey PRIMARY KEY (name)
) with (fillfactor=40);

create table throughput_bucket (
  scope text not null,
  key text collate "C" not null,
  grain text not null,
  bucket_at timestamp with time zone not null,
  keys_scanned double precision not null,
  rated_keys double precision not null,
  busy_ms double precision not null,
  max_keys_per_second double precision,
  sample_count bigint not null,
  constraint throughput_bucket_pkey PRIMARY KEY (scope, key, grain, bucket_at),
  constraint throughput_bucket_grain_check CHECK ((grain = ANY (ARRAY['minute'::text, 'hour'::text, 'day'::text]))),
  constraint throughput_bucket_sample_count_check CHECK ((sample_count >= 1)),
  constraint throughput_bucket_scope_check CHECK ((scope = ANY (ARRAY['fleet'::text, 'worker_type'::text, 'worker'::text, 'job'::text])))
) with (fillfactor=60);
CREATE INDEX throughput_bucket_recent ON throughput_bucket USING btree (grain, bucket_at, scope);

create table user_account (
  id text collate "C" not null,
  email text not null,
  name text,
  role text not null,
  password text,
  oidc_subject text,
  sees_payloads boolean not null default true,
  version integer not null default 1,
  created_at timestamp with time zone not null default now(),
  disabled_at timestamp with time zone,
  last_sign_in_at timestamp with time zone,
  constraint user_account_pkey PRIMARY KEY (id),
  constraint user_account_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254)))),
  constraint user_account_email_key UNIQUE (email),
  constraint user_account_name_check CHECK (((length(name) >= 1) AND (length(name) <= 128))),
  constraint user_account_oidc_subject_key UNIQUE (oidc_subject),
  constraint user_account_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'operator'::text, 'admin'::text]))),
  constraint user_account_version_check CHECK ((version >= 1))
);

create table user_session (
  id text collate "C" not null,
  user_id text collate "C" not null,
  hash text not null,
  address text,
  user_agent text,
  created_at timestamp with time zone not null default now(),
  last_seen_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  constraint user_session_pkey PRIMARY KEY (id),
  constraint user_session_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  constraint user_session_end_reason_check CHECK ((end_reason = ANY (ARRAY['signed_out'::text, 'revoked'::text, 'password_changed'::text, 'role_changed'::text, 'disabled'::text]))),
  constraint user_session_hash_check CHECK ((length(hash) = 64)),
  constraint user_session_hash_key UNIQUE (hash),
  constraint user_session_user_id_fkey FOREIGN KEY (user_id) REFERENCES user_account(id)
);
CREATE INDEX user_session_user ON user_session USING btree (user_id, id);

create table video (
  id text collate "C" not null,
  title text not null,
  source_url text,
  duration_ms bigint,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint video_pkey PRIMARY KEY (id),
  constraint video_duration_ms_check CHECK ((duration_ms >= 0))
);
CREATE INDEX video_created ON video USING btree (created_at);

create table video_job (
  workload_id text collate "C" not null,
  video_id text collate "C" not null,
  clip_id text collate "C",
  platform text,
  platform_key text collate "C" not null,
  status text,
  created_at timestamp with time zone not null,
  constraint video_job_pkey PRIMARY KEY (workload_id),
  constraint video_job_clip_id_fkey FOREIGN KEY (clip_id) REFERENCES clip(id),
  constraint video_job_platform_key_check CHECK ((platform_key = ANY (ARRAY['instagram'::text, 'tiktok'::text, 'youtube'::text, 'other'::text, 'none'::text]))),
  constraint video_job_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
  constraint video_job_video_id_fkey FOREIGN KEY (video_id) REFERENCES video(id)
);
CREATE INDEX video_job_created ON video_job USING btree (created_at);
CREATE INDEX video_job_video ON video_job USING btree (video_id, workload_id);

create table worker (
  id text collate "C" not null,
  name text not null,
  worker_type text not null,
  version text not null,
  host text,
  isolations text[] not null,
  kinds text[] not null,
  queues text[] not null,
  slots integer not null,
  labels jsonb not null default '{}'::jsonb,
  draining boolean not null default false,
  drain_requested boolean not null default false,
  quarantined boolean not null default false,
  clock_skew_ms bigint,
  session integer not null default 1,
  registered_at timestamp with time zone not null default now(),
  last_heartbeat_at timestamp with time zone not null default now(),
  stopped_at timestamp with time zone,
  key_family text collate "C",
  constraint worker_pkey PRIMARY KEY (id),
  constraint worker_slots_check CHECK ((slots >= 1))
) with (fillfactor=60);
CREATE INDEX worker_name ON worker USING btree (name);

create table worker_flag (
  worker_id text collate "C" not null,
  is_lost boolean not null default false,
  is_slow boolean not null default false,
  stuck_jobs text[] not null default '{}'::text[],
  updated_at timestamp with time zone not null default now(),
  constraint worker_flag_pkey PRIMARY KEY (worker_id)
);

create table worker_history_pack (
  id text collate "C" not null,
  worker_id text collate "C" not null,
  worker_type text not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  has_failure boolean not null,
  events text not null,
  job_ids text[] not null,
  keys_scanned bigint[],
  duration_ms bigint[],
  started_at timestamp with time zone[],
  finished_at timestamp with time zone[] not null,
  constraint worker_history_pack_pkey PRIMARY KEY (id),
  constraint worker_history_pack_check CHECK ((last_at >= first_at)),
  constraint worker_history_pack_check1 CHECK ((cardinality(job_ids) = length(events))),
  constraint worker_history_pack_check2 CHECK (((cardinality(keys_scanned) = length(events)) AND ((0 <= ALL (keys_scanned)) IS NOT FALSE))),
  constraint worker_history_pack_check3 CHECK (((cardinality(duration_ms) = length(events)) AND ((0 <= ALL (duration_ms)) IS NOT FALSE))),
  constraint worker_history_pack_check4 CHECK ((cardinality(started_at) = length(events))),
  constraint worker_history_pack_check5 CHECK ((cardinality(finished_at) = length(events))),
  constraint worker_history_pack_events_check CHECK ((events ~ '^[kcf]+$'::text))
);
CREATE INDEX worker_history_pack_failure ON worker_history_pack USING btree (last_at, id) WHERE has_failure;
CREATE INDEX worker_history_pack_time ON worker_history_pack USING btree (last_at, id);
CREATE INDEX worker_history_pack_worker ON worker_history_pack USING btree (worker_id, last_at, id);

create table worker_session (
  worker_id text collate "C" not null,
  session integer not null,
  worker_type text not null,
  version text not null,
  host text,
  labels jsonb not null default '{}'::jsonb,
  slots integer not null,
  started_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  end_reason text,
  lost_jobs text[] not null default '{}'::text[],
  constraint worker_session_pkey PRIMARY KEY (worker_id, session),
  constraint worker_session_check CHECK (((ended_at IS NULL) = (end_reason IS NULL))),
  constraint worker_session_end_reason_check CHECK ((end_reason = ANY (ARRAY['stopped'::text, 'lost'::text, 'replaced'::text, 'forgotten'::text])))
);
CREATE UNIQUE INDEX worker_session_open ON worker_session USING btree (worker_id) WHERE (ended_at IS NULL);

create table workload (
  id text collate "C" not null,
  lane_id integer not null,
  priority integer not null default 0,
  claim_order bigint not null,
  created_at timestamp with time zone not null default now(),
  timeout_ms bigint,
  backoff_ms integer not null default 1000,
  max_attempts integer not null,
  max_lease_losses integer not null,
  payload text not null,
  labels jsonb,
  concurrency_key text,
  run_at timestamp with time zone,
  start_deadline_at timestamp with time zone,
  deadline_at timestamp with time zone,
  idempotency_key text,
  request_hash text,
  status text not null,
  status_reason text,
  lease_epoch integer not null default 0,
  attempt integer not null default 0,
  lease_losses integer not null default 0,
  "position" integer not null default 1,
  output_truncated boolean not null default false,
  has_lease boolean not null default false,
  worker_id text,
  wake_at timestamp with time zone,
  started_at timestamp with time zone,
  finished_at timestamp with time zone,
  duration_ms bigint,
  keys_scanned bigint,
  exit_code integer,
  signal text,
  error text,
  cancel_requested_at timestamp with time zone,
  progress text,
  checkpoint text,
  output text,
  closed_request_id text,
  constraint workload_pkey PRIMARY KEY (id),
  constraint workload_attempt_check CHECK ((attempt >= 0)),
  constraint workload_backoff_ms_check CHECK ((backoff_ms >= 0)),
  constraint workload_check CHECK (((finished_at IS NOT NULL) = (status = ANY (ARRAY['completed'::text, 'failed'::text, 'cancelled'::text])))),
  constraint workload_check1 CHECK (((wake_at IS NULL) OR (status = 'pending'::text))),
  constraint workload_duration_ms_check CHECK ((duration_ms >= 0)),
  constraint workload_keys_scanned_check CHECK ((keys_scanned >= 0)),
  constraint workload_lease_epoch_check CHECK ((lease_epoch >= 0)),
  constraint workload_lease_losses_check CHECK ((lease_losses >= 0)),
  constraint workload_max_attempts_check CHECK ((max_attempts >= 1)),
  constraint workload_max_lease_losses_check CHECK ((max_lease_losses >= 1)),
  constraint workload_position_check CHECK (("position" >= 1)),
  constraint workload_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'cancelled'::text]))),
  constraint workload_status_reason_check CHECK ((status_reason = ANY (ARRAY['queued'::text, 'scheduled'::text, 'retry_backoff'::text, 'released'::text, 'lease_expired'::text, 'held'::text, 'leased'::text, 'executing'::text, 'cancelling'::text, 'external'::text, 'error'::text, 'timeout'::text, 'expired'::text, 'quarantined'::text, 'requested'::text, 'unconfirmed'::text]))),
  constraint workload_timeout_ms_check CHECK ((timeout_ms > 0))
) with (fillfactor=50, autovacuum_vacuum_scale_factor=0.05, autovacuum_analyze_scale_factor=0.05);
CREATE INDEX workload_cancelled ON workload USING btree (id) WHERE (status_reason = ANY (ARRAY['requested'::text, 'unconfirmed'::text]));
CREATE INDEX workload_deadline ON workload USING btree (deadline_at) WHERE ((deadline_at IS NOT NULL) AND (status_reason = ANY (ARRAY['queued'::text, 'scheduled'::text, 'retry_backoff'::text, 'released'::text, 'lease_expired'::text, 'held'::text])));
CREATE INDEX workload_error ON workload USING btree (id) WHERE (error IS NOT NULL);
CREATE INDEX workload_external ON workload USING btree (started_at) WHERE (status_reason = 'external'::text);
CREATE INDEX workload_failed ON workload USING btree (id) WHERE (status_reason = ANY (ARRAY['error'::text, 'timeout'::text, 'expired'::text, 'quarantined'::text]));
CREATE UNIQUE INDEX workload_idempotency_key ON workload USING btree (idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX workload_labels ON workload USING gin (labels jsonb_path_ops) WHERE (labels IS NOT NULL);
CREATE INDEX workload_ready ON workload USING btree (lane_id, claim_order, id) WHERE ((status_reason = ANY (ARRAY['queued'::text, 'released'::text, 'lease_expired'::text])) AND (wake_at IS NULL));
CREATE INDEX workload_start_deadline ON workload USING btree (start_deadline_at) WHERE ((start_deadline_at IS NOT NULL) AND (status_reason = ANY (ARRAY['queued'::text, 'scheduled'::text, 'retry_backoff'::text, 'released'::text, 'lease_expired'::text, 'held'::text])));
CREATE INDEX workload_wake ON workload USING btree (wake_at) WHERE (wake_at IS NOT NULL);

CREATE OR REPLACE FUNCTION count_runs(ids text[], lengths integer[], froms timestamp with time zone[], tos timestamp with time zone[], raw_froms timestamp with time zone[], raw_tos timestamp with time zone[])
 RETURNS TABLE(ord bigint, total double precision, passed double precision, degraded double precision, flaky double precision, excluded double precision, duration_ms_sum double precision)
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit log is append-only';
end
$function$;

CREATE OR REPLACE FUNCTION uptime_sources(ids text[], window_from timestamp with time zone, window_to timestamp with time zone)
 RETURNS TABLE(id text, tags text[], interval_seconds integer, cron text, timezone text, timeout_ms integer, retries integer, created_at timestamp with time zone, last_run_at timestamp with time zone, spans json, segments json, maintenance json)
 LANGUAGE plpgsql
 STABLE
 SET plan_cache_mode TO 'force_generic_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
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
$function$;
