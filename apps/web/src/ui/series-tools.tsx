import { Download, Table2 } from 'lucide-react';
import { copyText, downloadText } from '../lib/clipboard.ts';
import { IconButton } from './button.tsx';
import { cn } from './class-names.ts';
import { Menu, MenuItem } from './menu.tsx';
import { toCsv } from './series.ts';
import type { SeriesData } from './series.ts';
import { notify } from './toast.tsx';

interface ToolsProps {
  label: string;
  data: SeriesData | undefined;
  isTable: boolean;
  onTable(): void;
}

/** The same as a table, and as a file. */
export function SeriesTools({ label, data, isTable, onTable }: ToolsProps) {
  const csv = (): string => (data === undefined ? '' : toCsv(data));
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(csv());
    notify(isCopied ? { title: 'Copied as CSV' } : { title: 'The browser did not allow copying', tone: 'red' });
  };
  return (
    <span className="flex shrink-0 items-center">
      <IconButton
        label={isTable ? `Hide the table of ${label}` : `Show ${label} as a table`}
        aria-expanded={isTable}
        className={cn('size-7', isTable && 'bg-sunken text-ink')}
        onClick={onTable}
      >
        <Table2 aria-hidden className="size-4" />
      </IconButton>
      <Menu
        trigger={
          <IconButton label={`Export ${label}`} className="size-7">
            <Download aria-hidden className="size-4" />
          </IconButton>
        }
      >
        <MenuItem onSelect={() => void copy()}>Copy as CSV</MenuItem>
        <MenuItem onSelect={() => downloadText(`${label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.csv`, csv())}>Download CSV</MenuItem>
      </Menu>
    </span>
  );
}
