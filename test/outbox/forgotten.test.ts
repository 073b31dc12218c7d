import { describe, expect, it } from 'vitest';
import type { Message } from '../../src/incident/message.ts';
import { createPoster } from '../../src/outbox/poster.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { incidentObject } from '../support/incidents.ts';
import { MemoryChat } from '../support/memory-chat.ts';

const SUBJECT = 'test|=image|shop registry.example/shop/web:1';
const LONG_AGO = '2020-01-01T00:00:00Z';
const message = (key: string, text: string): Message => ({ key, inThread: key !== 'card', text, pieces: [] });

/** A poster on a store that began a moment ago, in a chat where an earlier one has told an incident with this subject. */
function world(earlier: { readonly subject?: string } = { subject: SUBJECT }) {
  const [store, chat] = [new MemoryStore(), new MemoryChat()];
  const about = { place: { channel: 'C1' }, incidentId: 'old', ...earlier };
  chat.said.push({ about, key: 'card', text: 'old card', edits: 0 });
  chat.said.push({ about: { ...about, root: '0' }, key: 'evidence.old', text: 'old evidence', edits: 0 });
  const poster = createPoster({ store, chat, now: () => new Date() });
  return {
    store,
    chat,
    async post(told: { readonly since?: string; readonly subject?: string }) {
      const of = { incidentId: 'new', place: { channel: 'C1' }, ...told };
      const posted = await poster.perform(of, { op: 'post', message: message('card', 'new card') }, {});
      await poster.perform(of, { op: 'post', message: message('evidence.new', 'new evidence') }, posted);
      return chat.said.map(({ text }) => text);
    },
  };
}

describe('what a lost store had posted', () => {
  it('is drawn over by what is said now of the same trouble, card and reply', async () => {
    expect(await world().post({ subject: SUBJECT, since: LONG_AGO })).toEqual(['new card', 'new evidence']);
  });

  it.each([
    ['the trouble began after the store did', { subject: SUBJECT, since: '2999-01-01T00:00:00Z' }],
    ['somebody asked', { subject: SUBJECT }],
    ['it is about something else', { subject: 'another', since: LONG_AGO }],
    ['the incident is over', { since: LONG_AGO }],
  ])('stays as it is where %s', async (_, told) => {
    expect(await world().post(told)).toEqual(['old card', 'old evidence', 'new card', 'new evidence']);
  });

  it('stays as it is where its card was shown last as that of an incident that is over', async () => {
    expect(await world({}).post({ subject: SUBJECT, since: LONG_AGO })).toEqual(['old card', 'old evidence', 'new card', 'new evidence']);
  });

  it('is not forgotten where the store knows its incident', async () => {
    const { store, post } = world();
    await store.incidents.create(incidentObject({ id: 'old' }));
    expect(await post({ subject: SUBJECT, since: LONG_AGO })).toEqual(['old card', 'old evidence', 'new card', 'new evidence']);
  });
});
