/** How far a container is. */
export type ContainerState =
  | { readonly is: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly is: 'running'; readonly since: string; readonly imageId: string }
  | { readonly is: 'ended'; readonly exitCode: number; readonly imageId: string };

/** A container with what the kubelet has reached for it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly state: ContainerState;
}

/** The status of a pod as the kubelet writes it. */
export function podStatus(containers: readonly Container[]): object {
  const waiting = containers.filter(({ state }) => state.is === 'waiting').map(({ name }) => name);
  const ready = waiting.length === 0 && containers.some(({ state }) => state.is === 'running');
  const unready = ready ? {} : { reason: 'ContainersNotReady', message: `containers with unready status: [${waiting.join(' ')}]` };
  const truth = (holds: boolean) => (holds ? 'True' : 'False');
  return {
    phase: phaseOf(containers),
    conditions: [
      { type: 'PodReadyToStartContainers', status: 'True' },
      { type: 'Initialized', status: 'True' },
      { type: 'Ready', status: truth(ready), ...unready },
      { type: 'ContainersReady', status: truth(ready), ...unready },
      { type: 'PodScheduled', status: 'True' },
    ],
    containerStatuses: containers.map(({ name, image, state }) => ({
      name,
      image,
      imageID: state.is === 'waiting' ? '' : state.imageId,
      ready: state.is === 'running',
      started: state.is === 'running',
      restartCount: 0,
      state: stateOf(state),
      lastState: {},
    })),
  };
}

function phaseOf(containers: readonly Container[]): string {
  if (containers.every(({ state }) => state.is === 'ended'))
    return containers.every(({ state }) => state.is === 'ended' && state.exitCode === 0) ? 'Succeeded' : 'Failed';
  return containers.some(({ state }) => state.is !== 'waiting') ? 'Running' : 'Pending';
}

function stateOf(state: ContainerState): object {
  switch (state.is) {
    case 'running':
      return { running: { startedAt: state.since } };
    case 'ended':
      return { terminated: { exitCode: state.exitCode, reason: state.exitCode === 0 ? 'Completed' : 'Error' } };
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } };
    default:
      return state satisfies never;
  }
}
