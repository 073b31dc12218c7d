import { asCodedError } from '../errors.ts';
import type { FigureHistory } from '../steps/step.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../telemetry/log.ts';

/** The figures of a cluster's nodes that the store keeps. A store that fails is told in the log and costs no diagnosis. */
export function createFigureHistory(given: {
  readonly store: Pick<Store, 'figures'>;
  readonly cluster: string;
  readonly log: Log;
}): FigureHistory {
  const { store, cluster, log } = given;
  const failed = (what: string, node: string, cause: unknown) => {
    const { area, code, message } = asCodedError(cause);
    if (area !== 'store') throw cause;
    log.warn(what, { cluster, node, code, because: message });
  };
  return {
    async read(node) {
      try {
        return await store.figures.read(cluster, node);
      } catch (cause) {
        failed('figures of a node could not be read', node, cause);
        return [];
      }
    },
    async keep(node, figures) {
      await store.figures
        .write(cluster, node, figures)
        .catch((cause: unknown) => failed('figures of a node could not be kept', node, cause));
    },
  };
}
