import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { copyText } from '../lib/clipboard.ts';
import { Button, IconButton } from './button.tsx';
import { notify } from './toast.tsx';

interface CopyButtonProps {
  /** The text, or how to make it when it is large. */
  value: string | (() => string);
  /** What is copied: "Copy id". */
  label: string;
  isNamed?: boolean;
}

export function CopyButton({ value, label, isNamed = false }: CopyButtonProps) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), 1600);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = async (): Promise<void> => {
    const isCopied = await copyText(typeof value === 'string' ? value : value());
    setDone(isCopied);
    if (!isCopied) notify({ title: 'The browser did not allow copying', tone: 'red' });
  };
  const icon = isDone ? <Check aria-hidden className="size-3.5 text-green" /> : <Copy aria-hidden className="size-3.5" />;
  if (isNamed) {
    return (
      <Button size="small" onClick={() => void copy()}>
        {icon} {isDone ? 'Copied' : label}
      </Button>
    );
  }
  return (
    <IconButton label={isDone ? 'Copied' : label} className="size-7" onClick={() => void copy()}>
      {icon}
    </IconButton>
  );
}
