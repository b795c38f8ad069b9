import { ClipboardCopy } from 'lucide-react';
import { copyText } from '../../lib/clipboard.ts';
import { Button } from '../../ui/button.tsx';
import { Menu, MenuItem } from '../../ui/menu.tsx';
import { notify } from '../../ui/toast.tsx';
import { asCli, asCurl, asSdk } from './commands.ts';
import type { WorkloadDetail } from './summary.ts';

async function copy(text: string, what: string): Promise<void> {
  const isCopied = await copyText(text);
  notify(isCopied ? { title: `Copied ${what}` } : { title: 'The browser did not allow copying', tone: 'red' });
}

export function CopyMenu({ workload }: { workload: WorkloadDetail }) {
  return (
    <Menu
      trigger={
        <Button>
          <ClipboardCopy aria-hidden className="size-4" /> Copy as
        </Button>
      }
    >
      <MenuItem onSelect={() => void copy(asCurl(workload, window.location.origin), 'a curl command that submits it again')}>
        curl, to submit it again
      </MenuItem>
      <MenuItem onSelect={() => void copy(asCli(workload), 'a command that submits it again')}>Command line, to submit it again</MenuItem>
      <MenuItem onSelect={() => void copy(asSdk(workload, window.location.origin), 'a program that submits it again')}>
        TypeScript, to submit it again
      </MenuItem>
      <MenuItem onSelect={() => void copy(JSON.stringify(workload, null, 2), 'the workload as JSON')}>JSON of this workload</MenuItem>
      <MenuItem onSelect={() => void copy(window.location.href, 'the link')}>Link to this page</MenuItem>
    </Menu>
  );
}
