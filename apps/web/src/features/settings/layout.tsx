import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMay } from '../../lib/session.ts';
import { useTitle } from '../../lib/title.ts';
import { PageHeader } from '../../ui/page.tsx';

const SECTIONS = [
  { to: '/settings/profile', label: 'Profile', role: 'viewer' },
  { to: '/settings/api-keys', label: 'API keys', role: 'admin' },
  { to: '/settings/secrets', label: 'Secrets', role: 'operator' },
  { to: '/settings/members', label: 'Members', role: 'admin' },
  { to: '/settings/notifications', label: 'Notifications', role: 'viewer' },
  { to: '/settings/retention', label: 'Retention', role: 'viewer' },
  { to: '/settings/import-export', label: 'Import and export', role: 'viewer' },
  { to: '/settings/system', label: 'System', role: 'viewer' },
  { to: '/settings/audit', label: 'Audit log', role: 'admin' },
] as const;

/** One page of the settings, with the way to the others. */
export function SettingsPage({
  title,
  lead,
  actions,
  children,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useTitle(title);
  const may = { viewer: true, operator: useMay('operator'), admin: useMay('admin') };
  return (
    <div className="flex flex-col gap-5 lg:flex-row lg:gap-8">
      <nav aria-label="Settings" className="-mx-1 flex shrink-0 gap-1 overflow-x-auto p-1 lg:w-44 lg:flex-col">
        {SECTIONS.filter((section) => may[section.role]).map((section) => (
          <Link
            key={section.to}
            to={section.to}
            className="flex h-8 shrink-0 items-center rounded-md px-2.5 text-sm whitespace-nowrap text-ink-soft hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent/10 aria-[current=page]:font-semibold aria-[current=page]:text-ink"
          >
            {section.label}
          </Link>
        ))}
      </nav>
      <div className="flex min-w-0 flex-1 flex-col gap-4">
        <PageHeader title={title} lead={lead}>
          {actions}
        </PageHeader>
        {children}
      </div>
    </div>
  );
}
