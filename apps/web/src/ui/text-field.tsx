import type { ComponentProps } from 'react';
import { cn } from './class-names.ts';
import { Field } from './field.tsx';

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  value: string;
  onChange(value: string): void;
  /** Of the field as a whole. */
  fieldClassName?: string;
}

/** A labelled line of text with its hint and its error. */
export function TextField({ label, hint, error, onChange, className, fieldClassName = '', ...rest }: TextFieldProps) {
  return (
    <Field label={label} hint={hint} error={error} className={fieldClassName}>
      {(control) => <input {...control} className={cn('field', className)} onChange={(event) => onChange(event.target.value)} {...rest} />}
    </Field>
  );
}
