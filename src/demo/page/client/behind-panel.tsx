import { type ReactNode, useEffect, useRef } from 'react';
import type { BehindState, RequestsState, StageState } from '../state.ts';
import { Scrolling } from './scrolling.tsx';

/** What happens behind: only what is really there. */
export function BehindPanel(given: {
  readonly behind: BehindState | undefined;
  readonly stage: StageState;
  readonly onClose: () => void;
}): ReactNode {
  const { behind, stage, onClose } = given;
  return (
    <section className="pane behind" aria-label="Behind the scenes">
      <header className="pane-head">
        <h2>Behind the scenes</h2>
        <button type="button" className="icon" aria-label="Close behind the scenes" onClick={onClose}>
          ✕
        </button>
      </header>
      <Scrolling className="behind-body" label="What happens behind">
        <h3>So far</h3>
        <ol className="told">
          {stage.told.map(({ who, text }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: it only grows at its end
            <li key={at}>
              {who && <strong>{who} </strong>}
              {text}
            </li>
          ))}
        </ol>
        {behind && <Figures behind={behind} />}
      </Scrolling>
    </section>
  );
}

function Figures({ behind }: { readonly behind: BehindState }): ReactNode {
  const { pods, workloads, cluster, registry, mirror, warnings, tasks, kept } = behind;
  return (
    <>
      <h3>
        Cluster: {pods.running} of {pods.total} pods run
      </h3>
      <ul className="objects">
        {workloads.map(({ name, kind, image, ready }) => (
          <li key={`${kind}/${name}`}>
            <strong>
              {kind} {name}
            </strong>{' '}
            <code>{image}</code> <small>{ready}</small>
          </li>
        ))}
        {pods.shown.map(({ name, image, state, node }) => (
          <li key={name}>
            <span className={`state ${/^(?:Err|ImagePull|Crash|Invalid)/.test(state) ? 'bad' : state === 'Running' ? 'good' : ''}`}>
              {state}
            </span>{' '}
            {name} <code>{image}</code> <small>{node}</small>
          </li>
        ))}
        {pods.total > pods.shown.length && <li>and {pods.total - pods.shown.length} others</li>}
      </ul>
      <Requests title="Requests to the cluster" requests={cluster} />
      <Requests title="Requests to the registry" requests={registry} />
      {mirror && <Requests title="Requests to the mirror" requests={mirror} />}
      <h3>Bot</h3>
      <p>
        {tasks === undefined ? 'It did not say how many tasks it has.' : `${tasks} tasks wait or are under way.`} In its store, which is in
        memory: {kept.incidents} incidents, {kept.runs} runs, {kept.plans} plans.
      </p>
      {warnings.length > 0 && (
        <ul className="warnings">
          {warnings.map((line, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
            <li key={at}>{line}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function Requests({ title, requests }: { readonly title: string; readonly requests: RequestsState }): ReactNode {
  const list = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it goes to its end with each request
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [requests.total]);
  return (
    <>
      <h3>
        {title}: {requests.total}
      </h3>
      <Scrolling className="requests" box={list} label={title}>
        <ol>
          {requests.last.map(({ at, line }) => (
            <li key={at}>{line}</li>
          ))}
        </ol>
      </Scrolling>
    </>
  );
}
