import { describe, expect, it } from 'vitest';
import { type HttpMethod, requestedRight } from '../../src/cluster/requested-right.ts';

/** As an API server's RequestInfo reads them. */
const TABLE: readonly (readonly [request: string, right: object])[] = [
  ['GET /api/v1/pods', { verb: 'list', group: '', resource: 'pods' }],
  ['GET /api/v1/pods?watch=1', { verb: 'watch', group: '', resource: 'pods' }],
  ['GET /api/v1/pods?watch=', { verb: 'watch', group: '', resource: 'pods' }],
  ['GET /api/v1/pods?watch=False', { verb: 'list', group: '', resource: 'pods' }],
  ['GET /api/v1/pods?watch=0&limit=1', { verb: 'list', group: '', resource: 'pods' }],
  ['GET /api/v1/namespaces/shop/pods', { verb: 'list', group: '', resource: 'pods', namespace: 'shop' }],
  ['GET /api/v1/namespaces/shop/pods/web-0', { verb: 'get', group: '', resource: 'pods', name: 'web-0', namespace: 'shop' }],
  ['GET /api/v1/namespaces/shop/pods/web-0?watch=1', { verb: 'get', group: '', resource: 'pods', name: 'web-0', namespace: 'shop' }],
  [
    'GET /api/v1/namespaces/shop/pods/web-0/log',
    { verb: 'get', group: '', resource: 'pods', subresource: 'log', name: 'web-0', namespace: 'shop' },
  ],
  ['POST /api/v1/namespaces/shop/pods', { verb: 'create', group: '', resource: 'pods', namespace: 'shop' }],
  [
    'POST /api/v1/namespaces/shop/pods/web-0/eviction',
    { verb: 'create', group: '', resource: 'pods', subresource: 'eviction', name: 'web-0', namespace: 'shop' },
  ],
  ['DELETE /api/v1/namespaces/shop/pods/web-0', { verb: 'delete', group: '', resource: 'pods', name: 'web-0', namespace: 'shop' }],
  ['DELETE /api/v1/namespaces/shop/pods', { verb: 'deletecollection', group: '', resource: 'pods', namespace: 'shop' }],
  ['GET /api/v1/namespaces', { verb: 'list', group: '', resource: 'namespaces' }],
  ['GET /api/v1/namespaces/shop', { verb: 'get', group: '', resource: 'namespaces', name: 'shop', namespace: 'shop' }],
  [
    'PUT /api/v1/namespaces/shop/finalize',
    { verb: 'update', group: '', resource: 'namespaces', subresource: 'finalize', name: 'shop', namespace: 'shop' },
  ],
  ['GET /api/v1/nodes/a%2Fb', { verb: 'get', group: '', resource: 'nodes', subresource: 'b', name: 'a' }],
  ['PATCH /api/v1/nodes/node-1', { verb: 'patch', group: '', resource: 'nodes', name: 'node-1' }],
  ['GET /api/v1/nodes/node-1/proxy/stats/summary', { verb: 'get', group: '', resource: 'nodes', subresource: 'proxy', name: 'node-1' }],
  ['GET /apis/apps/v1/deployments', { verb: 'list', group: 'apps', resource: 'deployments' }],
  [
    'PUT /apis/coordination.k8s.io/v1/namespaces/imagepull/leases/imagepull-watch',
    { verb: 'update', group: 'coordination.k8s.io', resource: 'leases', name: 'imagepull-watch', namespace: 'imagepull' },
  ],
  [
    'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    { verb: 'create', group: 'authorization.k8s.io', resource: 'selfsubjectaccessreviews' },
  ],
];

const PATHS: readonly string[] = ['/', '/version', '/readyz', '/api', '/api/v1', '/apis', '/apis/apps', '/apis/apps/v1', '/metrics/a/b/c'];

function rightOf(request: string): ReturnType<typeof requestedRight> {
  const [method = '', target = ''] = request.split(' ');
  const [path = '', query] = target.split('?');
  return requestedRight(method as HttpMethod, path, [...new URLSearchParams(query)]);
}

describe('the right that a request needs', () => {
  it.each(TABLE)('is for %s that of the verb, the group, the resource and what is named', (request, right) => {
    expect(rightOf(request)).toEqual({ kind: 'resource', ...right });
  });

  it.each(PATHS)('is for %s the path itself', (path) => {
    expect(rightOf(`GET ${path}`)).toEqual({ kind: 'path', verb: 'get', path });
  });
});
