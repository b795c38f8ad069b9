import { tableFeatures, useTable } from '@tanstack/react-table';
import type { ColumnDef } from '@tanstack/react-table';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { cn } from './class-names.ts';

const features = tableFeatures({});

export interface Column<Row> {
  id: string;
  header: string;
  cell(row: Row): ReactNode;
  /** Classes of the cell and of its header, such as the width below which the column is left out. */
  className?: string;
}

/** The one column of a table that takes the room the others leave, and cuts what has none: nothing is pushed out of sight. */
export const ROOMY = 'w-full max-w-0';

export interface Selection<Row> {
  selected: ReadonlySet<string>;
  onChange(selected: ReadonlySet<string>): void;
  /** What a row is called: "workload". */
  noun: string;
  /** What names one of them to a reader; its id when left out. */
  nameOf?(row: Row): string;
}

interface DataTableProps<Row> {
  caption: string;
  columns: readonly Column<Row>[];
  rows: Row[];
  getRowId(row: Row): string;
  selection?: Selection<Row>;
}

function toggled(selected: ReadonlySet<string>, ids: readonly string[], isOn: boolean): Set<string> {
  const next = new Set(selected);
  for (const id of ids) {
    if (isOn) next.add(id);
    else next.delete(id);
  }
  return next;
}

function SelectBox({
  label,
  isOn,
  isMixed = false,
  onToggle,
}: {
  label: string;
  isOn: boolean;
  isMixed?: boolean;
  onToggle(isOn: boolean): void;
}) {
  return (
    <label className="grid size-6 cursor-pointer place-items-center">
      <input
        type="checkbox"
        aria-label={label}
        className="size-4 accent-accent"
        checked={isOn}
        ref={(box) => {
          if (box !== null) box.indeterminate = isMixed;
        }}
        onChange={(event) => onToggle(event.target.checked)}
      />
    </label>
  );
}

function SelectAll<Row>({ selection, ids }: { selection: Selection<Row>; ids: readonly string[] }) {
  const count = ids.filter((id) => selection.selected.has(id)).length;
  return (
    <th scope="col" className="w-9 pl-3">
      <SelectBox
        label={`Select all ${selection.noun}s on this page`}
        isOn={count > 0 && count === ids.length}
        isMixed={count > 0 && count < ids.length}
        onToggle={(isOn) => selection.onChange(toggled(selection.selected, ids, isOn))}
      />
    </th>
  );
}

/** Rows on one scrollable surface of their own: the page itself never scrolls sideways. */
export function DataTable<Row extends object>({ caption, columns, rows, getRowId, selection }: DataTableProps<Row>) {
  const definitions = useMemo(
    () =>
      columns.map((column): ColumnDef<typeof features, Row> => ({
        id: column.id,
        header: column.header,
        cell: (context) => column.cell(context.row.original),
      })),
    [columns],
  );
  const table = useTable({ features, columns: definitions, data: rows, getRowId });
  const classOf = new Map(columns.map((column) => [column.id, column.className]));
  return (
    <div role="region" aria-label={caption} tabIndex={0} className="overflow-x-auto -outline-offset-2">
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr className="border-b border-line text-left text-xs text-ink-mute">
            {selection !== undefined && <SelectAll selection={selection} ids={rows.map(getRowId)} />}
            {table.getHeaderGroups().flatMap((group) =>
              group.headers.map((header) => (
                <th key={header.id} scope="col" className={cn('h-9 px-3 font-medium whitespace-nowrap', classOf.get(header.column.id))}>
                  <table.FlexRender header={header} />
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {table.getRowModel().rows.map((row) => (
            <tr key={row.id} className="hover:bg-sunken/70 has-checked:bg-accent/8">
              {selection !== undefined && (
                <td className="pl-3 align-middle">
                  <SelectBox
                    label={`Select ${selection.noun} ${selection.nameOf?.(row.original) ?? row.id}`}
                    isOn={selection.selected.has(row.id)}
                    onToggle={(isOn) => selection.onChange(toggled(selection.selected, [row.id], isOn))}
                  />
                </td>
              )}
              {row.getAllCells().map((cell) => (
                <td key={cell.id} className={cn('h-10 px-3 py-1.5 align-middle', classOf.get(cell.column.id))}>
                  <table.FlexRender cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
