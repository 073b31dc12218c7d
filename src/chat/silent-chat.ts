import type { Chat } from './chat.ts';

/** A chat in which everything is said and nobody reads. */
export const SILENT_CHAT: Chat = {
  post: async () => ({ ts: 'card' }),
  update: async () => undefined,
  find: async () => undefined,
  findForgotten: async () => undefined,
  notify: async () => undefined,
  link: async () => undefined,
};
