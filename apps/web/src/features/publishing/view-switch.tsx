import { Segments } from '../../ui/field.tsx';
import type { CalendarSearch } from './search.ts';

const VIEWS = [
  { value: 'list', label: 'List' },
  { value: 'calendar', label: 'Calendar' },
] as const;

/** Shows the same publications as rows or as days. */
export function ViewSwitch({ search, onChange }: { search: CalendarSearch; onChange(change: CalendarSearch): void }) {
  return (
    <Segments
      label="View"
      value={search.view === 'calendar' ? 'calendar' : 'list'}
      options={VIEWS}
      onChange={(view) => onChange(view === 'calendar' ? { view } : { view: undefined, span: undefined, at: undefined })}
    />
  );
}
