import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { UserSession } from '@tidemark/core/sessions/contract';
import { MIN_PASSWORD_CHARS } from '@tidemark/core/users/contract';
import type { User } from '@tidemark/core/users/contract';
import { toFailure } from '../../lib/failure.ts';
import { useSignOut } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Chip } from '../../ui/chip.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { SkeletonRows } from '../../ui/skeleton.tsx';
import { TextField } from '../../ui/text-field.tsx';
import { Moment } from '../../ui/time.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';

const EMPTY = { current_password: '', new_password: '' };

function Password() {
  const [draft, setDraft] = useState(EMPTY);
  const unsaved = useUnsaved(draft);
  const change = useMutation({
    mutationFn: () => client.session.changePassword.mutate(draft),
    onSuccess: async () => {
      setDraft(EMPTY);
      notify({ title: 'Password changed', detail: 'You are signed out everywhere else.' });
      await queryClient.invalidateQueries({ queryKey: trpc.session.pathKey() });
    },
  });
  const failure = change.error === null ? null : toFailure(change.error);
  const problem = (field: string): string | undefined => failure?.issues.find((issue) => issue.path === field)?.message;
  return (
    <Panel title="Password">
      <form
        className="flex flex-col items-start gap-4 px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate();
        }}
      >
        {failure !== null && <FailureStrip what="The password is as it was." failure={failure} />}
        <TextField
          label="Current password"
          error={problem('current_password')}
          fieldClassName="w-full max-w-80"
          type="password"
          required
          autoComplete="current-password"
          value={draft.current_password}
          onChange={(text) => setDraft({ ...draft, current_password: text })}
        />
        <TextField
          label="New password"
          hint={`At least ${MIN_PASSWORD_CHARS} characters.`}
          error={problem('new_password')}
          fieldClassName="w-full max-w-80"
          type="password"
          required
          minLength={MIN_PASSWORD_CHARS}
          autoComplete="new-password"
          value={draft.new_password}
          onChange={(text) => setDraft({ ...draft, new_password: text })}
        />
        <Button type="submit" disabled={change.isPending}>
          Change password
        </Button>
        {unsaved.question}
      </form>
    </Panel>
  );
}

function SessionRow({ session }: { session: UserSession }) {
  const end = useMutation({
    mutationFn: () => client.session.revoke.mutate({ id: session.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.session.pathKey() }),
    onError: (error) => notify({ title: 'That session goes on', detail: toFailure(error).message, tone: 'red' }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
      <span className="min-w-0 flex-1 basis-60">
        <span className="block truncate" title={session.user_agent ?? ''}>
          {session.user_agent ?? 'Unknown browser'}
        </span>
        <span className="text-xs text-ink-mute">
          {session.address ?? 'unknown address'} · last seen <Moment at={session.last_seen_at} />
        </span>
      </span>
      {session.is_current ? (
        <Chip>This one</Chip>
      ) : (
        <Button size="small" disabled={end.isPending} onClick={() => end.mutate()}>
          End
        </Button>
      )}
    </li>
  );
}

function Sessions() {
  const { data, error, refetch } = useQuery(trpc.session.list.queryOptions({}));
  return (
    <Panel title="Where you are signed in">
      {error !== null && <FailureStrip what="This is not up to date." failure={toFailure(error)} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={2} />}
      <ul className="divide-y divide-line">
        {(data?.items ?? []).map((session) => (
          <SessionRow key={session.id} session={session} />
        ))}
      </ul>
    </Panel>
  );
}

/** What concerns the person: password, sessions. */
export function Account({ user }: { user: User }) {
  const signOut = useSignOut((error) => notify({ title: 'You are still signed in', detail: toFailure(error).message, tone: 'red' }));
  return (
    <>
      {user.has_password && <Password />}
      <Sessions />
      <div>
        <Button disabled={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </Button>
      </div>
    </>
  );
}
