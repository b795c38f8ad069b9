import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ImportAnswer, ImportInput } from '@tidemark/core/transfer/contract';
import { toFailure } from '../../lib/failure.ts';
import { plural } from '../../lib/format.ts';
import { useMay } from '../../lib/session.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { FailureStrip } from '../../ui/notice.tsx';
import { Panel } from '../../ui/page.tsx';
import { notify } from '../../ui/toast.tsx';
import { useUnsaved } from '../../ui/unsaved.tsx';
import { SettingsPage } from './layout.tsx';

const FORMATS = [
  { value: 'tidemark', label: 'Tidemark (YAML)' },
  { value: 'uptime-kuma', label: 'Uptime Kuma backup (JSON)' },
  { value: 'gatus', label: 'Gatus configuration (YAML)' },
] as const;

function Report({ answer }: { answer: ImportAnswer }) {
  const verb = answer.is_dry_run ? 'would be ' : '';
  return (
    <div role="status" className="w-full text-sm">
      <p>
        {plural(answer.created, 'monitor')} {verb}created, {answer.updated} {verb}changed, {answer.unchanged} as they are.
      </p>
      {answer.skipped.length > 0 && (
        <ul className="mt-2 flex max-h-60 flex-col gap-1 overflow-y-auto">
          {answer.skipped.map(({ name, reason }) => (
            <li key={`${name} ${reason}`}>
              <span className="font-medium">{name}</span> <span className="text-ink-soft">left out: {reason}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

interface SourceProps {
  format: ImportInput['format'];
  content: string;
  onFormat(format: ImportInput['format']): void;
  onContent(text: string): void;
}

/** What to take over: a file's text, which can be changed before. */
function Source({ format, content, onFormat, onContent }: SourceProps) {
  return (
    <>
      <Field label="From">
        {(control) => (
          <Select
            {...control}
            options={FORMATS}
            value={format}
            onChange={(value) => onFormat(FORMATS.find((known) => known.value === value)?.value ?? 'tidemark')}
          />
        )}
      </Field>
      <Field label="File" hint="Its text appears below and can be changed before it is taken over.">
        {(control) => (
          <input
            {...control}
            type="file"
            accept=".json,.yaml,.yml,text/plain"
            className="text-sm"
            onChange={(event) => void event.target.files?.[0]?.text().then(onContent)}
          />
        )}
      </Field>
      <Field label="Text" className="w-full">
        {(control) => (
          <textarea
            {...control}
            rows={8}
            required
            spellCheck={false}
            className="field font-mono text-xs"
            value={content}
            onChange={(event) => onContent(event.target.value)}
          />
        )}
      </Field>
    </>
  );
}

function Import() {
  const [format, setFormat] = useState<ImportInput['format']>('tidemark');
  const [content, setContent] = useState('');
  const unsaved = useUnsaved(content);
  const run = useMutation({
    mutationFn: (dryRun: boolean) => client.transfer.import.mutate({ format, content, dry_run: dryRun }),
    onSuccess: async (answer) => {
      if (answer.is_dry_run) return;
      unsaved.settle();
      notify({ title: `${plural(answer.created + answer.updated, 'monitor')} taken over` });
      await queryClient.invalidateQueries({ queryKey: trpc.monitors.pathKey() });
    },
  });
  const change = (text: string): void => {
    setContent(text);
    run.reset();
  };
  return (
    <Panel title="Import monitors">
      <form
        className="flex flex-col items-start gap-4 px-4 py-4"
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate(true);
        }}
      >
        <Source format={format} content={content} onFormat={setFormat} onContent={change} />
        {run.error !== null && <FailureStrip what="Nothing was taken over." failure={toFailure(run.error)} />}
        {run.data !== undefined && <Report answer={run.data} />}
        <span className="flex gap-2">
          <Button type="submit" disabled={run.isPending || content === ''}>
            Preview
          </Button>
          {run.data?.is_dry_run === true && (
            <Button variant="primary" disabled={run.isPending} onClick={() => run.mutate(false)}>
              Take over
            </Button>
          )}
        </span>
        {unsaved.question}
      </form>
    </Panel>
  );
}

function Export() {
  const save = useMutation({
    mutationFn: () => client.transfer.export.query({}),
    onSuccess: ({ content }) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([content], { type: 'application/yaml' }));
      link.download = 'tidemark-monitors.yaml';
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    },
  });
  return (
    <Panel title="Export monitors">
      <div className="flex flex-col items-start gap-3 px-4 py-4 text-sm">
        {save.error !== null && <FailureStrip what="Nothing was exported." failure={toFailure(save.error)} />}
        <p className="text-ink-soft">All monitors as YAML. Imported again it changes nothing, so it can live in version control.</p>
        <Button disabled={save.isPending} onClick={() => save.mutate()}>
          Download YAML
        </Button>
      </div>
    </Panel>
  );
}

export function TransferPage() {
  const mayImport = useMay('operator');
  return (
    <SettingsPage title="Import and export" lead="Monitors from elsewhere, and ours as a file.">
      {mayImport && <Import />}
      <Export />
    </SettingsPage>
  );
}
