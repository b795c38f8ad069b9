/** Copies text, also on plain HTTP where the clipboard API does not exist. Answers whether it worked. */
export async function copyText(value: string): Promise<boolean> {
  if (window.isSecureContext) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      // Refused by a permission policy: the old way may still work.
    }
  }
  const area = document.createElement('textarea');
  area.value = value;
  area.readOnly = true;
  area.className = 'fixed top-0 left-0 opacity-0';
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

export function downloadText(name: string, value: string): void {
  const url = URL.createObjectURL(new Blob([value], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
