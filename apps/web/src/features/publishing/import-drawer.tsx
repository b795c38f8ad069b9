import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { CsvImportAnswer } from '@tidemark/core/contract';
import { toFailure } from '../../lib/failure.ts';
import { formatCount, plural } from '../../lib/format.ts';
import { client } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Drawer, DrawerClose } from '../../ui/drawer.tsx';
import { Field } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { refreshPublishing } from './queries.ts';

const EXAMPLE = 'clip_id,platform,social_account_id,scheduled_for\nclip_1,tiktok,acme,2027-01-31T18:00:00Z\n';
const SHOWN = 20;

/** What an import would do, line by line where it does not fit. */
function Preview({ answer }: { answer: CsvImportAnswer }) {
  return (
    <div role="status" className="rounded-md border border-line bg-sunken px-3 py-2 text-sm">
      <p className="font-medium">
        {plural(answer.created, 'publication')} would be created, {formatCount(answer.unchanged)} exist already,{' '}
        {plural(answer.skipped_count, 'line')} left out.
      </p>
      {answer.skipped.length > 0 && (
        <ul className="mt-1 list-disc pl-5 text-ink-soft">
          {answer.skipped.slice(0, SHOWN).map((entry) => (
            <li key={`${entry.line} ${entry.column}`}>
              Line {entry.line}, {entry.column}: {entry.message}
            </li>
          ))}
        </ul>
      )}
      {answer.skipped.length > SHOWN && <p className="text-ink-mute">and {formatCount(answer.skipped.length - SHOWN)} more</p>}
    </div>
  );
}

interface SourceProps {
  content: string;
  onChange(text: string): void;
  isSkipping: boolean;
  onSkip(isSkipping: boolean): void;
}

/** Where the lines come from: a file, or what is typed. */
function Source({ content, onChange, isSkipping, onSkip }: SourceProps) {
  return (
    <>
      <Field label="File">
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".csv,text/csv"
            className="text-sm"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) void file.text().then(onChange);
            }}
          />
        )}
      </Field>
      <Field label="CSV" hint="A header, then a line per publication. The same idempotency_key creates once.">
        {(control) => (
          <textarea
            {...control}
            rows={10}
            spellCheck={false}
            className="field font-mono text-xs"
            placeholder={EXAMPLE}
            value={content}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-accent" checked={isSkipping} onChange={(event) => onSkip(event.target.checked)} />
        Leave out lines that do not fit
      </label>
    </>
  );
}

function Form({ onDone }: { onDone(): void }) {
  const [content, setContent] = useState('');
  const unsaved = useUnsaved(content);
  const [isSkipping, setSkipping] = useState(true);
  const preview = useMutation({
    mutationFn: () => client.publishing.publications.importCsv.mutate({ content, skip_invalid: isSkipping, dry_run: true }),
  });
  const run = useMutation({
    mutationFn: () => client.publishing.publications.importCsv.mutate({ content, skip_invalid: isSkipping }),
    onSuccess: async (answer) => {
      unsaved.settle();
      notify({
        title: `${plural(answer.created, 'publication')} created`,
        detail: answer.skipped_count === 0 ? '' : `${plural(answer.skipped_count, 'line')} left out`,
      });
      await refreshPublishing();
      onDone();
    },
  });
  const error = run.error ?? preview.error;
  const change = (text: string): void => {
    setContent(text);
    preview.reset();
    run.reset();
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex flex-1 flex-col gap-4 overflow-y-auto px-5 py-4">
        {error !== null && <FailureStrip what="Nothing was imported." failure={toFailure(error)} />}
        <Source content={content} onChange={change} isSkipping={isSkipping} onSkip={setSkipping} />
        {preview.data !== undefined && <Preview answer={preview.data} />}
      </div>
      <footer className="flex justify-end gap-2 border-t border-line px-5 py-3">
        <DrawerClose />
        <Button disabled={content === '' || preview.isPending} onClick={() => preview.mutate()}>
          Preview
        </Button>
        <Button
          variant="primary"
          disabled={content === '' || run.isPending || (preview.data?.created ?? 0) === 0}
          onClick={() => run.mutate()}
        >
          Import {preview.data === undefined ? '' : formatCount(preview.data.created)}
        </Button>
      </footer>
      {unsaved.question}
    </div>
  );
}

export function ImportDrawer({ isOpen, onClose }: { isOpen: boolean; onClose(): void }) {
  return (
    <Drawer title="Import publications" isOpen={isOpen} onClose={onClose}>
      {isOpen && <Form onDone={onClose} />}
    </Drawer>
  );
}
