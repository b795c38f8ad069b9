import { Check, Circle, LoaderCircle, SkipForward, X } from 'lucide-react';
import { UNKNOWN } from '../lib/format.ts';
import type { Artifact, AssertionResult, StepResult } from '../lib/run-result.ts';
import { PhaseTable } from './phase-bar.tsx';
import { StatusIcon } from './status.tsx';
import type { Look } from './status.tsx';
import { Elapsed } from './time.tsx';

export type StepState = 'passed' | 'failed' | 'running' | 'waiting' | 'skipped';

export interface ShownStep extends Pick<StepResult, 'step_number' | 'name' | 'duration_ms' | 'error' | 'assertions' | 'phases'> {
  state: StepState;
  /** When it began, while it runs. */
  since: string | null;
}

const LOOKS: Record<StepState, Look> = {
  passed: { icon: Check, word: 'Passed', tone: 'green' },
  failed: { icon: X, word: 'Failed', tone: 'red' },
  running: { icon: LoaderCircle, word: 'Running', tone: 'blue', isMoving: true },
  waiting: { icon: Circle, word: 'Waiting', tone: 'grey' },
  skipped: { icon: SkipForward, word: 'Not run', tone: 'grey' },
};

const OPS: Record<string, string> = { eq: 'is', ne: 'is not', lt: '<', lte: '≤', gt: '>', gte: '≥', not_contains: 'does not contain' };

/** A finished step as the list shows it. */
export function toShown(step: StepResult): ShownStep {
  return { ...step, state: step.passed ? 'passed' : 'failed', since: null };
}

function valueText(value: unknown): string {
  if (value === undefined) return UNKNOWN;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function Assertions({ assertions, step }: { assertions: readonly AssertionResult[]; step: number }) {
  return (
    <div role="region" aria-label={`Conditions of step ${step}`} tabIndex={0} className="overflow-x-auto -outline-offset-2">
      <table className="w-full text-left text-xs">
        <thead className="text-ink-mute">
          <tr>
            <th scope="col" className="py-1 pr-3 font-medium">
              Condition
            </th>
            <th scope="col" className="py-1 pr-3 font-medium">
              Expected
            </th>
            <th scope="col" className="py-1 font-medium">
              Actual
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line align-top">
          {assertions.map((assertion, index) => (
            // oxlint-disable-next-line react/no-array-index-key -- assertions have no identity but their place
            <tr key={index}>
              <td className="py-1 pr-3 whitespace-nowrap">
                <StatusIcon look={assertion.passed ? LOOKS.passed : LOOKS.failed} className="mr-1.5 inline size-3.5" />
                <span className="sr-only">{assertion.passed ? 'holds: ' : 'does not hold: '}</span>
                {assertion.source}
                {assertion.path !== undefined && <span className="font-mono"> {assertion.path}</span>}
              </td>
              <td className="py-1 pr-3 font-mono break-all">
                <span className="font-sans text-ink-mute">{OPS[assertion.op] ?? assertion.op} </span>
                {valueText(assertion.expected)}
              </td>
              <td className={assertion.passed ? 'py-1 font-mono break-all' : 'py-1 font-mono break-all text-red'}>
                {assertion.is_withheld === true ? <span className="font-sans">withheld</span> : valueText(assertion.actual)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Step({ step }: { step: ShownStep }) {
  const hasMore = step.error !== null || step.assertions.length > 0 || step.phases !== null;
  const look = LOOKS[step.state];
  const line = (
    <>
      <StatusIcon look={look} />
      <span className="sr-only">{look.word}:</span>
      <span className="min-w-0 flex-1 truncate">
        <span className="text-ink-mute">{step.step_number}</span> {step.name === '' ? `Step ${step.step_number}` : step.name}
      </span>
      <span className="text-xs text-ink-soft">
        {step.state === 'skipped' || step.state === 'waiting' ? look.word : <Elapsed ms={step.duration_ms} since={step.since} />}
      </span>
    </>
  );
  if (!hasMore) return <div className="flex min-h-10 items-center gap-2.5 px-4 py-1.5 text-sm">{line}</div>;
  return (
    <details open={step.state === 'failed'}>
      <summary className="flex min-h-10 cursor-pointer list-none items-center gap-2.5 px-4 py-1.5 text-sm -outline-offset-2 hover:bg-sunken">
        {line}
      </summary>
      <div className="flex flex-col gap-3 px-4 pt-1 pb-3 pl-10.5">
        {step.error !== null && <p className="font-mono text-xs/5 break-words whitespace-pre-wrap text-red">{step.error}</p>}
        {step.assertions.length > 0 && <Assertions assertions={step.assertions} step={step.step_number} />}
        {step.phases !== null && <PhaseTable phases={step.phases} />}
      </div>
    </details>
  );
}

/** The steps of a run in order; one that failed stands open. */
export function RunSteps({ steps }: { steps: readonly ShownStep[] }) {
  return (
    <ol className="divide-y divide-line">
      {steps.map((step) => (
        <li key={step.step_number}>
          {/* A change of the state decides again whether the step stands open. */}
          <Step key={step.state} step={step} />
        </li>
      ))}
    </ol>
  );
}

/** Pictures that a run kept, such as the page at the moment of a failure. */
export function RunPictures({ pictures, steps }: { pictures: readonly Artifact[]; steps: readonly Pick<ShownStep, 'name' | 'state'>[] }) {
  const failed = steps.find((step) => step.state === 'failed');
  return (
    <div className="flex flex-col gap-3 p-4">
      {pictures.map((picture, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- several pictures may have one name
        <figure key={index} className="flex flex-col gap-1.5">
          <a
            href={`data:${picture.content_type};base64,${picture.base64}`}
            download={picture.name}
            className="rounded-md border border-line"
            title="Download the picture"
          >
            <img
              src={`data:${picture.content_type};base64,${picture.base64}`}
              alt={failed === undefined ? picture.name : `The page when the step “${failed.name}” failed`}
              className="w-full rounded-md"
            />
          </a>
          <figcaption className="text-xs text-ink-mute">{picture.name}</figcaption>
        </figure>
      ))}
    </div>
  );
}
