import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { toFailure } from '../../lib/failure.ts';
import { client } from '../../lib/trpc.ts';
import { Drawer } from '../../ui/drawer.tsx';
import { notify } from '../../ui/toast.tsx';
import { refreshMonitors } from './actions.ts';
import { EMPTY_DRAFT } from './draft.ts';
import type { DefinitionInput } from './draft.ts';
import { MonitorForm } from './monitor-form.tsx';

/** The form for a new monitor; open while the address says `panel=new`, or `panel=curl` to begin with a command. */
export function CreateDrawer({ hasCurl }: { hasCurl: boolean }) {
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: ({ input, channel_ids }: { input: DefinitionInput; channel_ids: string[]; settle(): void }) =>
      client.monitors.create.mutate({ ...input, alert: { channel_ids } }),
    onSuccess: async (monitor, { settle }) => {
      settle();
      notify({ title: 'Monitor created', detail: monitor.name });
      await navigate({ to: '/monitors/$id', params: { id: monitor.id } });
      await refreshMonitors();
    },
  });
  return (
    <Drawer
      title="New monitor"
      isOpen
      isWide
      onClose={() => void navigate({ to: '/monitors', search: (last) => ({ ...last, panel: undefined }) })}
    >
      <MonitorForm
        initial={EMPTY_DRAFT}
        isNew
        hasCurl={hasCurl}
        action={create.isPending ? 'Creating…' : 'Create monitor'}
        isPending={create.isPending}
        failure={create.error === null ? null : toFailure(create.error)}
        onSubmit={(input, form) => create.mutate({ input, ...form })}
      />
    </Drawer>
  );
}
