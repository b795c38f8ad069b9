import { useMutation, useQuery } from '@tanstack/react-query';
import { Bell, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Channel } from '@tidemark/core/alerts/contract';
import { toFailure } from '../../lib/failure.ts';
import { useMay } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Empty } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { ChannelForm } from './channel-form.tsx';
import { Deliveries } from './deliveries.tsx';
import { SettingsPage } from './layout.tsx';
import { Loaded } from './loaded.tsx';

function refreshChannels(): Promise<void> {
  void queryClient.invalidateQueries({ queryKey: trpc.deliveries.pathKey() });
  return queryClient.invalidateQueries({ queryKey: trpc.channels.pathKey() });
}

function targetOf(channel: Channel): string {
  const { url, to } = channel.config;
  if (typeof url === 'string') return url;
  return Array.isArray(to) ? to.join(', ') : '';
}

function Actions({ channel }: { channel: Channel }) {
  const failed = (what: string) => (error: unknown) => notify({ title: what, detail: toFailure(error).message, tone: 'red' });
  const test = useMutation({
    mutationFn: () => client.channels.test.mutate({ id: channel.id }),
    onSuccess: () => notify({ title: 'A test notice is on its way', detail: 'Below it says what became of it.' }),
    onError: failed(`${channel.name} could not be tested`),
    onSettled: refreshChannels,
  });
  const toggle = useMutation({
    mutationFn: () => client.channels.update.mutate({ id: channel.id, is_enabled: !channel.is_enabled }),
    onError: failed(`${channel.name} is as before`),
    onSettled: refreshChannels,
  });
  const remove = useMutation({
    mutationFn: () => client.channels.remove.mutate({ id: channel.id }),
    onSuccess: () => notify({ title: `${channel.name} is gone` }),
    onError: failed(`${channel.name} is still there`),
    onSettled: refreshChannels,
  });
  // What a button is called holds what it says, so that it can be spoken to.
  const send = test.isPending ? 'Sending' : 'Send test';
  const turn = channel.is_enabled ? 'Switch off' : 'Switch on';
  return (
    <span className="flex flex-wrap gap-1.5">
      <Button size="small" aria-label={`${send} to ${channel.name}`} disabled={test.isPending} onClick={() => test.mutate()}>
        {send}
      </Button>
      <Button size="small" aria-label={`${turn} ${channel.name}`} disabled={toggle.isPending} onClick={() => toggle.mutate()}>
        {turn}
      </Button>
      <Confirm
        trigger={
          <Button size="small" aria-label={`Delete ${channel.name}`} disabled={remove.isPending}>
            Delete
          </Button>
        }
        title={`Delete ${channel.name}?`}
        action="Delete the channel"
        dismiss="Keep it"
        isDangerous
        onConfirm={() => remove.mutate()}
      >
        Notices that wait for it are not sent, and its deliveries leave the list. It cannot be undone.
      </Confirm>
    </span>
  );
}

function Row({ channel, mayChange }: { channel: Channel; mayChange: boolean }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-3 text-sm">
      <span className="min-w-0 flex-1 basis-56">
        <span className={channel.is_enabled ? 'font-medium' : 'font-medium text-ink-mute'}>
          {channel.name}
          {!channel.is_enabled && ' (off)'}
        </span>
        <span className="block truncate text-xs text-ink-mute" title={targetOf(channel)}>
          {channel.type} · {targetOf(channel)}
          {channel.has_secret && ' · signed'}
        </span>
      </span>
      {mayChange && <Actions channel={channel} />}
    </li>
  );
}

export function NotificationsPage() {
  const [isAdding, setAdding] = useState(false);
  const mayChange = useMay('operator');
  const query = useQuery(trpc.channels.list.queryOptions({ limit: 200 }));
  return (
    <SettingsPage
      title="Notifications"
      lead="Channels that notices of outages go to, and what became of each notice."
      actions={
        mayChange && (
          <Button variant="primary" onClick={() => setAdding(true)}>
            <Plus aria-hidden className="size-4" /> Add a channel
          </Button>
        )
      }
    >
      <section aria-label="Channels" className="panel overflow-hidden">
        <Loaded query={query}>
          {(data) =>
            data.items.length === 0 ? (
              <Empty title="No channel yet">
                <Bell aria-hidden className="size-5 text-ink-mute" />
                <p>Add a webhook, an e-mail address, Slack or Discord, then choose it in a monitor’s alerts.</p>
              </Empty>
            ) : (
              <ul className="divide-y divide-line">
                {data.items.map((channel) => (
                  <Row key={channel.id} channel={channel} mayChange={mayChange} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      <Deliveries mayChange={mayChange} />
      <Drawer title="Add a channel" isOpen={isAdding} onClose={() => setAdding(false)}>
        <ChannelForm onDone={() => setAdding(false)} onSaved={refreshChannels} />
      </Drawer>
    </SettingsPage>
  );
}
