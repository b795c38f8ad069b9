import { CopyButton } from './copy-button.tsx';

/** A JSON value as indented text, in a box that scrolls by itself. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = JSON.stringify(value, null, 2);
  return (
    <div className="relative">
      <pre
        role="region"
        tabIndex={0}
        aria-label={label}
        className="max-h-80 overflow-auto rounded-b-lg bg-sunken px-4 py-3 pr-12 font-mono text-xs/5 whitespace-pre -outline-offset-2"
      >
        {text}
      </pre>
      <div className="absolute top-1.5 right-2">
        <CopyButton value={text} label={`Copy ${label}`} />
      </div>
    </div>
  );
}
