import { areShortcutsOn } from '../../lib/shortcuts.ts';
import { useSession } from '../../lib/session.ts';
import { useStored } from '../../lib/stored.ts';
import { THEMES, theme } from '../../lib/theme.ts';
import { listZones, resolveZone, zone } from '../../lib/zone.ts';
import { Field, Segments, Select } from '../../ui/field.tsx';
import { Panel } from '../../ui/page.tsx';
import { Account } from './account.tsx';
import { SettingsPage } from './layout.tsx';

const THEME_NAMES = { system: 'System', light: 'Light', dark: 'Dark', contrast: 'High contrast' };

function Appearance() {
  const chosenZone = useStored(zone);
  const chosenTheme = useStored(theme);
  const hasShortcuts = useStored(areShortcutsOn);
  const zones = [
    { value: 'browser', label: `This browser (${resolveZone('browser')})` },
    ...listZones().map((name) => ({ value: name, label: name.replaceAll('_', ' ') })),
  ];
  return (
    <Panel title="On this browser">
      <div className="flex flex-col gap-4 px-4 py-4">
        <Field label="Show times in" hint="Every time and every axis on every page; only how they are shown changes.">
          {(control) => (
            <Select {...control} options={zones} value={chosenZone} onChange={(value) => zone.set(value)} className="max-w-80" />
          )}
        </Field>
        <div className="flex flex-col gap-1">
          <span className="label">Theme</span>
          <Segments
            label="Theme"
            value={chosenTheme}
            options={THEMES.map((value) => ({ value, label: THEME_NAMES[value] }))}
            onChange={(value) => theme.set(value)}
          />
        </div>
        <label className="flex items-start gap-2.5 text-sm">
          <input
            type="checkbox"
            className="mt-0.5 size-4 accent-accent"
            checked={hasShortcuts}
            onChange={(event) => areShortcutsOn.set(event.target.checked)}
          />
          <span>
            Shortcuts of single keys
            <span className="block text-xs text-ink-mute">Switch them off where voice input or assistive technology types keys.</span>
          </span>
        </label>
      </div>
    </Panel>
  );
}

export function ProfilePage() {
  const { data } = useSession();
  const lead =
    data?.state === 'open'
      ? 'Nobody signs in: this server answers only this machine.'
      : data?.user === null || data?.user === undefined
        ? undefined
        : `${data.user.email} · ${data.user.role}`;
  return (
    <SettingsPage title="Profile" lead={lead}>
      <Appearance />
      {data?.user !== null && data?.user !== undefined && <Account user={data.user} />}
    </SettingsPage>
  );
}
