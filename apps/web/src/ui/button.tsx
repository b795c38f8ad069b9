import { useState } from 'react';
import type { ComponentProps, SyntheticEvent } from 'react';
import { cn } from './class-names.ts';

const VARIANTS = {
  primary: 'border-accent bg-accent text-accent-ink hover:opacity-90',
  plain: 'border-line-strong/60 bg-surface text-ink hover:bg-sunken',
  quiet: 'border-transparent bg-transparent text-ink-soft hover:bg-sunken hover:text-ink',
  danger: 'border-red bg-red text-accent-ink hover:opacity-90',
} as const;

export interface ButtonProps extends ComponentProps<'button'> {
  variant?: keyof typeof VARIANTS;
  size?: 'normal' | 'small' | 'icon';
}

const SIZES = { normal: 'h-8 px-3 text-sm', small: 'h-7 px-2 text-xs', icon: 'size-8 justify-center' } as const;

export function buttonClass(variant: keyof typeof VARIANTS = 'plain', size: keyof typeof SIZES = 'normal'): string {
  return cn(
    'inline-flex shrink-0 items-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
    'disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:cursor-not-allowed aria-disabled:opacity-55',
    VARIANTS[variant],
    SIZES[size],
  );
}

function refuse(event: SyntheticEvent): void {
  event.preventDefault();
}

/** While it has the focus it is switched off in name only: a browser takes the focus from what is disabled, to nowhere. */
export function Button({ variant = 'plain', size = 'normal', className, type = 'button', disabled = false, ...rest }: ButtonProps) {
  const { onFocus, onBlur, onClick } = rest;
  const [hasFocus, setFocus] = useState(false);
  const isOff = disabled && hasFocus;
  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type -- `type` is always set, to "button" unless the caller submits
      type={type}
      className={cn(buttonClass(variant, size), className)}
      disabled={disabled && !hasFocus}
      {...(isOff ? { 'aria-disabled': true } : {})}
      onClick={isOff ? refuse : onClick}
      onFocus={(event) => {
        setFocus(true);
        onFocus?.(event);
      }}
      onBlur={(event) => {
        setFocus(false);
        onBlur?.(event);
      }}
    />
  );
}

/** A button that shows an icon only: the label is its name and its tooltip. */
export function IconButton({ label, ...rest }: ButtonProps & { label: string }) {
  return <Button variant="quiet" size="icon" aria-label={label} title={label} {...rest} />;
}
