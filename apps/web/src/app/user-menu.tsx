import { useNavigate } from '@tanstack/react-router';
import { LogOut, UserRound } from 'lucide-react';
import { toFailure } from '../lib/failure.ts';
import { useSession, useSignOut } from '../lib/session.ts';
import { IconButton } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { notify } from '../ui/toast.tsx';

/** Who is signed in, and the way out; nothing where nobody signs in. */
export function UserMenu() {
  const { data } = useSession();
  const navigate = useNavigate();
  const signOut = useSignOut((error) => notify({ title: 'You are still signed in', detail: toFailure(error).message, tone: 'red' }));
  const user = data?.user ?? null;
  if (user === null) return null;
  return (
    <Menu
      trigger={
        <IconButton label={`Signed in as ${user.name ?? user.email}`}>
          <UserRound aria-hidden className="size-4" />
        </IconButton>
      }
    >
      <div className="px-2 py-1.5 text-sm">
        <div className="font-medium">{user.name ?? user.email}</div>
        <div className="text-xs text-ink-mute">
          {user.email} · {user.role}
        </div>
      </div>
      <MenuItem onSelect={() => void navigate({ to: '/settings/profile' })}>
        <UserRound aria-hidden className="size-4" /> Profile
      </MenuItem>
      <MenuItem onSelect={() => signOut.mutate()}>
        <LogOut aria-hidden className="size-4" /> Sign out
      </MenuItem>
    </Menu>
  );
}
