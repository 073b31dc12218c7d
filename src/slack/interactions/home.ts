import { homeView } from '../views/home.ts';
import type { Interaction } from './interaction.ts';

const nothing = async () => undefined;

/** The bot's Home. Bolt acknowledges that it was opened by itself. */
export const home: Interaction = (app, { intake, deliveries, links }) => {
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab !== 'home') return;
    await deliveries.answer({ what: 'home', ack: nothing, reply: nothing }, async () => {
      await client.views.publish({
        user_id: event.user,
        view: homeView(await intake.incidents({ person: { user: event.user }, open: true }), links),
      });
    });
  });
};
