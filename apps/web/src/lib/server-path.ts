const base = document.querySelector('base');

/** Path the console is served under, without a slash at its end: "" at the root of a host. The page says it in `<base>`. */
export const basePath = base === null ? '' : new URL(base.href).pathname.replace(/\/$/, '');

/** An absolute path of the server as a link that also works below another path. */
export function serverPath(path: `/${string}`): string {
  return `${basePath}${path}`;
}
