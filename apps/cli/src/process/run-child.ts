import { Child, type AppName, type ChildOptions } from './child.ts';
import { StopRequests } from './stop-requests.ts';

/**
 * Runs one app in the foreground until it ends and answers its exit code. A request to stop is handed on as SIGTERM; each further one
 * too, which both apps understand as "now".
 */
export async function runChild(name: AppName, options: ChildOptions): Promise<number> {
  const child = new Child(name, options);
  using scope = new DisposableStack();
  scope.use(new StopRequests(() => child.signal('SIGTERM')));
  return (await child.ended).exitCode;
}
