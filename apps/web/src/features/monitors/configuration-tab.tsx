import { useMutation, useQuery } from '@tanstack/react-query';
import type { Monitor } from '@tidemark/core/monitors/contract';
import { toFailure } from '../../lib/failure.ts';
import { serverPath } from '../../lib/server-path.ts';
import { client, trpc } from '../../lib/trpc.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Command } from '../../ui/notice.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshMonitors } from './actions.ts';
import { fromMonitor } from './draft.ts';
import type { DefinitionInput } from './draft.ts';
import { MonitorForm } from './monitor-form.tsx';

function Yaml({ monitor }: { monitor: Monitor }) {
  const { data } = useQuery(trpc.transfer.export.queryOptions({ test_id: monitor.id }));
  return (
    <details className="border-t border-line px-5 py-3">
      <summary className="w-fit cursor-pointer rounded-sm text-sm text-ink-soft hover:text-ink">As YAML</summary>
      {data === undefined ? (
        <Skeleton className="mt-3 h-4 w-64" />
      ) : (
        <div className="relative mt-3">
          <pre
            role="region"
            tabIndex={0}
            aria-label="Configuration as YAML"
            className="max-h-96 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs/5"
          >
            {data.content}
          </pre>
          <span className="absolute top-1.5 right-2">
            <CopyButton value={data.content} label="Copy YAML" />
          </span>
          <p className="mt-2 text-xs text-ink-mute">Import it again here, or from a file:</p>
          <Command>tidemark import monitors.yaml</Command>
        </div>
      )}
    </details>
  );
}

function PingAddress({ monitor }: { monitor: Monitor }) {
  if (monitor.ping_key === null) return null;
  return (
    <p className="flex flex-wrap items-center gap-2 border-b border-line px-5 py-3 text-sm">
      Ping this address at the end of each job:{' '}
      <Command>{`curl -fsS ${window.location.origin}${serverPath(`/api/heartbeats/${monitor.ping_key}`)}`}</Command>
    </p>
  );
}

/** The definition, to read and to change. */
export function ConfigurationTab({ monitor }: { monitor: Monitor }) {
  const update = useMutation({
    mutationFn: ({ input: { type: _type, ...input } }: { input: DefinitionInput; settle(): void }) =>
      client.monitors.update.mutate({ test_id: monitor.id, ...input }),
    onSuccess: async (_, { settle }) => {
      settle();
      notify({ title: 'Saved', detail: 'The next run does what is written here now.' });
      await refreshMonitors();
    },
  });
  return (
    <>
      <PingAddress monitor={monitor} />
      <MonitorForm
        key={monitor.id}
        initial={fromMonitor(monitor)}
        isNew={false}
        action={update.isPending ? 'Saving…' : 'Save changes'}
        isPending={update.isPending}
        failure={update.error === null ? null : toFailure(update.error)}
        onSubmit={(input, { settle }) => update.mutate({ input, settle })}
      />
      <Yaml monitor={monitor} />
    </>
  );
}
