import { useMutation, useQuery } from '@tanstack/react-query';
import type { System } from '@tidemark/core/system/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatBytes, formatCount } from '../../lib/format.ts';
import { useMay } from '../../lib/session.ts';
import { serverPath } from '../../lib/server-path.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { DataTable } from '../../ui/data-table.tsx';
import type { Column } from '../../ui/data-table.tsx';
import { useDraft } from '../../ui/draft.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip, WarningStrip } from '../../ui/notice.tsx';
import { Fact, Facts, Panel } from '../../ui/page.tsx';
import { FullMoment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import type { Unsaved } from '../../ui/unsaved.tsx';
import { Diagnostics } from './diagnostics.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';

type Table = System['database']['tables'][number];

const ENDPOINTS: readonly { path: `/${string}`; what: string }[] = [
  { path: '/healthz', what: 'the process lives' },
  { path: '/readyz', what: 'it and its database can work' },
  { path: '/metrics', what: 'numbers for Prometheus' },
  { path: '/openapi.json', what: 'the REST interface' },
  { path: '/docs', what: 'its reference' },
];

const COLUMNS: readonly Column<Table>[] = [
  { id: 'name', header: 'Table', cell: (row) => <span className="font-mono text-xs">{row.name}</span> },
  { id: 'size', header: 'Size', className: 'text-right', cell: (row) => formatBytes(row.size_bytes) },
  {
    id: 'rows',
    header: 'Rows, about',
    className: 'text-right',
    cell: (row) => (row.rows_estimate < 0 ? <span className="text-ink-mute">not counted yet</span> : formatCount(row.rows_estimate)),
  },
];

function Egress() {
  const query = useQuery(trpc.settings.getEgress.queryOptions({}));
  return (
    <Panel title="Private targets">
      <Loaded query={query}>
        {(data) => <EgressForm allow={data.allow} atStart={data.allow_at_start} hasLoopback={data.allow_loopback} />}
      </Loaded>
    </Panel>
  );
}

function EgressForm({ allow, atStart, hasLoopback }: { allow: string[]; atStart: string[]; hasLoopback: boolean }) {
  const { draft: text, setDraft: setText, unsaved, notice } = useDraft(allow.join('\n'));
  const isAdmin = useMay('admin');
  const lines = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const save = useMutation({
    mutationFn: (_: Unsaved) => client.settings.setEgress.mutate({ allow: lines }),
    onSuccess: async (_, { settle }) => {
      settle();
      notify({ title: 'Saved', detail: 'It holds from the next run or notice on.' });
      await queryClient.invalidateQueries({ queryKey: trpc.settings.pathKey() });
    },
  });
  return (
    <form
      className="flex flex-col items-start gap-3 px-4 py-4"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(unsaved);
      }}
    >
      {save.error !== null && <FailureStrip what="Nothing was saved." failure={toFailure(save.error)} />}
      {notice}
      <Field
        label="Monitors and notices may also reach"
        hint="One per line: an address, a range such as 10.0.0.0/8, a host name, or *.name."
        className="w-full"
      >
        {(control) => (
          <textarea
            {...control}
            rows={4}
            readOnly={!isAdmin}
            className="field font-mono text-xs"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
      <p className="text-xs text-ink-mute">
        {atStart.length > 0 && `Allowed at start: ${atStart.join(', ')}. `}
        {hasLoopback ? 'This machine itself is allowed while the server is open.' : 'Public addresses need no entry.'}
      </p>
      {isAdmin && (
        <Button type="submit" disabled={save.isPending || lines.join() === allow.join()}>
          Save
        </Button>
      )}
      {unsaved.question}
    </form>
  );
}

export function SystemPage() {
  const query = useQuery(trpc.system.get.queryOptions({}));
  return (
    <SettingsPage title="System" lead="What this server runs on.">
      <Loaded query={query}>
        {(data) => (
          <>
            {!data.database.is_power_loss_safe && (
              <WarningStrip>
                {data.database.engine === 'pglite'
                  ? 'The embedded database survives a killed process, but not a power cut. Set DATABASE_URL for data that must.'
                  : 'This PostgreSQL does not flush every commit to its disk: a power cut may lose the newest.'}
              </WarningStrip>
            )}
            <Panel title="Server">
              <Facts>
                <Fact name="Version">{data.version}</Fact>
                <Fact name="Node">{data.node_version}</Fact>
                <Fact name="Started">
                  <FullMoment at={data.started_at} />
                </Fact>
                <Fact name="Database">
                  {data.database.engine === 'pglite' ? 'embedded' : 'PostgreSQL'} {data.database.version},{' '}
                  {formatBytes(data.database.size_bytes)}
                </Fact>
              </Facts>
            </Panel>
            <Panel title="Largest tables">
              <DataTable
                caption="Largest tables, with their indexes"
                columns={COLUMNS}
                rows={data.database.tables.slice(0, 12)}
                getRowId={(row) => row.name}
              />
            </Panel>
          </>
        )}
      </Loaded>
      <Egress />
      <Diagnostics />
      <Panel title="For machines">
        <ul className="flex flex-col gap-1 px-4 py-3 text-sm">
          {ENDPOINTS.map(({ path, what }) => (
            <li key={path}>
              <a href={serverPath(path)} className="link font-mono text-xs">
                {path}
              </a>{' '}
              <span className="text-ink-soft">{what}</span>
            </li>
          ))}
        </ul>
      </Panel>
    </SettingsPage>
  );
}
