import { createUser, getUser, listUsers, setPassword, updateUser } from '@tidemark/core/users';
import {
  CreateUserInput,
  GetUserInput,
  ListUsersInput,
  ListUsersOutput,
  SetPasswordInput,
  UpdateUserInput,
  User,
} from '@tidemark/core/users/contract';
import { AppError } from '@tidemark/core/errors';
import { admin, router } from '../trpc.ts';

/** Answers are parsed here, not only declared: nothing but the contract's fields may leave. */
export const usersRouter = router({
  create: admin({
    method: 'POST',
    path: '/v1/users',
    status: 201,
    summary: 'Add a person',
    description: 'From the first person on, everybody has to sign in or send a key. The first must be an administrator.',
    examples: { input: { email: 'ada@example.com', name: 'Ada', role: 'operator', password: 'correct horse battery' } },
  })
    .input(CreateUserInput)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      if (ctx.actor.kind === 'open' && (input.role !== 'admin' || input.password === undefined)) {
        throw new AppError(
          'VALIDATION',
          'role: the first person must be an administrator with a password: from then on everybody has to sign in.',
          {
            issues: [{ path: 'role', message: 'must be admin, with a password, for the first person' }],
          },
        );
      }
      const user = await createUser(ctx.core, input);
      ctx.accessChanged();
      return user;
    }),

  list: admin({ method: 'GET', path: '/v1/users', summary: 'List people' })
    .input(ListUsersInput)
    .output(ListUsersOutput)
    .query(({ ctx, input }) => listUsers(ctx.core, input)),

  get: admin({ method: 'GET', path: '/v1/users/{id}', summary: 'Get a person' })
    .input(GetUserInput)
    .output(User)
    .query(({ ctx, input }) => getUser(ctx.core, input)),

  update: admin({
    method: 'PATCH',
    path: '/v1/users/{id}',
    summary: 'Change the name, role or permissions of a person, or disable them',
    description: 'A new role and a disabling end all sessions of the person; live views end within five seconds.',
    examples: { input: { role: 'viewer', version: 1 } },
  })
    .input(UpdateUserInput)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      const user = await updateUser(ctx.core, input, ctx.actor.kind === 'user' ? ctx.actor.id : null);
      ctx.accessChanged();
      return user;
    }),

  setPassword: admin({
    method: 'PUT',
    path: '/v1/users/{id}/password',
    summary: 'Set the password of a person',
    description: 'Ends all their sessions.',
  })
    .input(SetPasswordInput)
    .output(User)
    .mutation(async ({ ctx, input }) => {
      const user = await setPassword(ctx.core, input);
      ctx.accessChanged();
      return user;
    }),
});
