import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { toFailure } from '../../lib/failure.ts';
import { client, queryClient, trpc } from '../../lib/trpc.ts';
import { notify } from '../../ui/toast.tsx';

/**
 * Takes a bulk cancel back: exactly the workloads it cancelled are queued again, from their last checkpoint. It is a bulk action
 * of its own on the server, so it goes on when the page is closed; what somebody queued again already is left alone.
 */
export function useUndoCancel(id: string) {
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => client.operations.start.mutate({ action: 'retry', filter: { operation_id: id, status: 'cancelled' } }),
    onSuccess: async (operation) => {
      void queryClient.invalidateQueries({ queryKey: trpc.operations.pathKey() });
      await navigate({ to: '/activity/bulk/$id', params: { id: operation.id } });
    },
    onError: (error) => notify({ title: 'It was not taken back', detail: toFailure(error).message, tone: 'red' }),
  });
}
