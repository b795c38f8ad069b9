import { stripAnsi } from './ansi.ts';

export type LogStream = 'stdout' | 'stderr' | 'log';

export interface LogChunk {
  attempt: number;
  seq: number;
  stream: LogStream;
  text: string;
}

export interface LogLine {
  text: string;
  stream: LogStream;
  attempt: number;
}

export interface LogSnapshot {
  readonly lines: readonly LogLine[];
  /** Grows with every change: the array itself is appended to. */
  readonly version: number;
}

/**
 * Collects output in order of arrival and cuts it into lines. A chunk that was seen before, by attempt and number, is
 * dropped until the next start; an unfinished line of one stream goes on where it began, even when the other stream wrote in between.
 */
export class LogBuffer {
  #lines: LogLine[] = [];
  #open = new Map<LogStream, number>();
  #seen = new Set<number>();
  #attempt: number | null = null;
  #listeners = new Set<() => void>();
  #snapshot: LogSnapshot = { lines: this.#lines, version: 0 };
  #isPending = false;

  snapshot = (): LogSnapshot => this.#snapshot;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  append(chunk: LogChunk): void {
    this.#enter(chunk.attempt);
    if (this.#seen.has(chunk.seq)) return;
    this.#seen.add(chunk.seq);
    this.#write(chunk.stream, chunk.text);
    this.#changed();
  }

  /** The workload was started, perhaps once more: a retry counts attempts and chunks from the beginning again. */
  begin(attempt: number): void {
    this.#seen.clear();
    this.#open.clear();
    if (this.#attempt !== null) this.#push('log', `— started again, attempt ${attempt} —`);
    this.#attempt = attempt;
    this.#changed();
  }

  /** A line of our own between the others. */
  note(text: string): void {
    this.#push('log', text);
    this.#changed();
  }

  /** Everything as plain text. */
  text(): string {
    return this.#lines.map((line) => `${stripAnsi(visibleText(line.text))}\n`).join('');
  }

  #enter(attempt: number): void {
    if (this.#attempt === attempt) return;
    if (this.#attempt !== null || attempt > 1) this.#push('log', `— attempt ${attempt} —`);
    this.#attempt = attempt;
    this.#seen.clear();
    this.#open.clear();
  }

  #push(stream: LogStream, text: string): number {
    return this.#lines.push({ text, stream, attempt: this.#attempt ?? 1 }) - 1;
  }

  #write(stream: LogStream, text: string): void {
    const parts = text.split('\n');
    for (const [index, part] of parts.entries()) {
      const isLast = index === parts.length - 1;
      if (isLast && part === '') break;
      const open = this.#open.get(stream);
      const line = open === undefined ? undefined : this.#lines[open];
      if (open !== undefined && line !== undefined) this.#lines[open] = { ...line, text: line.text + part };
      else this.#open.set(stream, this.#push(stream, part));
      if (!isLast) this.#open.delete(stream);
    }
  }

  #changed(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    setTimeout(() => {
      this.#isPending = false;
      this.#snapshot = { lines: this.#lines, version: this.#snapshot.version + 1 };
      for (const listener of this.#listeners) listener();
    }, 50);
  }
}

/** A carriage return starts the line over, as a terminal does; the one before a newline does not. */
export function visibleText(text: string): string {
  const trimmed = text.endsWith('\r') ? text.slice(0, -1) : text;
  return trimmed.slice(trimmed.lastIndexOf('\r') + 1);
}
