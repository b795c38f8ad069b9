import { Download } from 'lucide-react';
import { serverPath } from '../lib/server-path.ts';
import { Button } from './button.tsx';
import { Menu, MenuItem } from './menu.tsx';

const WORDS = { csv: 'CSV', jsonl: 'JSON lines', xlsx: 'XLSX' } as const;

export interface ExportMenuProps {
  /** Without its ending, which is the format: "/v1/audit/export". */
  path: `/${string}`;
  /** What is exported: empty, or with its question mark. */
  query: string;
  formats: readonly (keyof typeof WORDS)[];
}

/** Downloads what a list shows, all pages of it. */
export function ExportMenu({ path, query, formats }: ExportMenuProps) {
  return (
    <Menu
      trigger={
        <Button>
          <Download aria-hidden className="size-4" /> Export
        </Button>
      }
    >
      {formats.map((format) => (
        <MenuItem key={format} onSelect={() => window.location.assign(serverPath(`${path}.${format}${query}`))}>
          As {WORDS[format]}
        </MenuItem>
      ))}
    </Menu>
  );
}
