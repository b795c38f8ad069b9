import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ImportAnswer } from '@tidemark/core/transfer/contract';
import type * as z from 'zod';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer } from '../../ui/drawer.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { refreshMonitors } from './actions.ts';

type Format = 'tidemark' | 'uptime-kuma' | 'gatus';
type Answer = z.infer<typeof ImportAnswer>;

const FORMATS: readonly { value: Format; label: string }[] = [
  { value: 'tidemark', label: 'Tidemark (YAML)' },
  { value: 'uptime-kuma', label: 'Uptime Kuma backup (JSON)' },
  { value: 'gatus', label: 'Gatus configuration (YAML)' },
];

/** The likely format of a file by what stands in it. */
function guessFormat(content: string): Format {
  if (content.trimStart().startsWith('{')) return 'uptime-kuma';
  return /^endpoints:/m.test(content) ? 'gatus' : 'tidemark';
}

function Preview({ answer }: { answer: Answer }) {
  const { created, updated, unchanged, skipped } = answer;
  return (
    <div role="status" className="flex flex-col gap-2 text-sm">
      <p className="font-medium">
        {plural(created, 'monitor')} new, {updated} changed, {unchanged} the same, {skipped.length} left out.
      </p>
      {skipped.length > 0 && (
        <ul className="max-h-60 divide-y divide-line overflow-y-auto rounded-md border border-line">
          {skipped.map(({ name, reason }, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- two entries of a file may have one name
            <li key={index} className="px-3 py-1.5">
              <span className="font-medium">{name}</span> <span className="text-ink-soft">{reason}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface FileFieldsProps {
  content: string;
  format: Format;
  onContent(text: string): void;
  onFormat(format: Format): void;
}

function FileFields({ content, format, onContent, onFormat }: FileFieldsProps) {
  return (
    <>
      <Field label="File" hint="An export of Tidemark, a backup of Uptime Kuma, or the configuration of Gatus">
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".yaml,.yml,.json,.txt"
            className="text-sm file:mr-3 file:h-8 file:rounded-md file:border file:border-line-strong file:bg-surface file:px-3 file:text-ink"
            onChange={(event) => void event.target.files?.[0]?.text().then(onContent)}
          />
        )}
      </Field>
      <Field label="Or its text">
        {(control) => (
          <textarea
            {...control}
            rows={8}
            spellCheck={false}
            className="field w-full font-mono text-xs"
            value={content}
            onChange={(event) => onContent(event.target.value)}
          />
        )}
      </Field>
      <Field label="Format">
        {(control) => (
          <Select
            {...control}
            value={format}
            options={FORMATS}
            onChange={(value) => onFormat(FORMATS.find((entry) => entry.value === value)?.value ?? 'tidemark')}
          />
        )}
      </Field>
    </>
  );
}

/** Takes monitors over from a file: first what would happen, then the same for good. */
export function ImportDrawer() {
  const navigate = useNavigate();
  const close = (): void => void navigate({ to: '/monitors', search: (last) => ({ ...last, panel: undefined }) });
  const [content, setContent] = useState('');
  const unsaved = useUnsaved(content);
  const [format, setFormat] = useState<Format>('tidemark');
  const transfer = useMutation({
    mutationFn: (isDry: boolean) => client.transfer.import.mutate({ format, content, dry_run: isDry }),
    onSuccess: async (answer) => {
      if (answer.is_dry_run) return;
      unsaved.settle();
      notify({
        title: `${plural(answer.created, 'monitor')} imported`,
        detail: `${answer.updated} changed, ${answer.skipped.length} left out`,
      });
      close();
      await refreshMonitors();
    },
  });
  const change = (text: string, next: Format): void => {
    setContent(text);
    setFormat(next);
    transfer.reset();
  };
  return (
    <Drawer title="Import monitors" isOpen onClose={close}>
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        <FileFields
          content={content}
          format={format}
          onContent={(text) => change(text, guessFormat(text))}
          onFormat={(next) => change(content, next)}
        />
        {transfer.error !== null && <FailureStrip what="Nothing was imported." failure={toFailure(transfer.error)} />}
        {transfer.data !== undefined && <Preview answer={transfer.data} />}
      </div>
      <footer className="flex items-center gap-2 border-t border-line px-5 py-3">
        <Button disabled={content.trim() === '' || transfer.isPending} onClick={() => transfer.mutate(true)}>
          Show what would happen
        </Button>
        <Button variant="primary" disabled={transfer.data === undefined || transfer.isPending} onClick={() => transfer.mutate(false)}>
          Import
        </Button>
      </footer>
      {unsaved.question}
    </Drawer>
  );
}
