import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { type Account, ANONYMOUS } from '../../src/facts/credential.ts';
import { type ImageReference, parseImageReference } from '../../src/facts/image-reference.ts';
import type { ManifestAnswer } from '../../src/facts/registry-answer.ts';
import { SecretText } from '../../src/facts/secret-text.ts';
import { createOciRegistry } from '../../src/registry/oci-registry.ts';
import { quirkOf } from '../../src/registry/quirks.ts';
import { sealHttp } from '../support/http-mock.ts';

sealHttp('https://registry.example');
const { signal } = new AbortController();
const login: Account = { name: 'the login', credential: { kind: 'basic', username: 'AWS', password: new SecretText('canary-password') } };
const reference = (image: string): ImageReference => {
  const parsed = parseImageReference(image);
  if (parsed.status === 'invalid') throw new Error(parsed.because);
  return parsed.reference;
};
const basic = { 'docker-distribution-api-version': 'registry/2.0', 'www-authenticate': 'Basic realm="r",service="s"' };
const bearer = (realm: string, service: string) => ({ 'www-authenticate': `Bearer realm="${realm}",service="${service}"` });
const MANIFEST = { 'content-type': 'application/vnd.oci.image.index.v1+json', 'docker-content-digest': `sha256:${'a'.repeat(64)}` };
const errors = (code: string, message: string) => ({ errors: [{ code, message }] });

async function ask(image: string, account: Account, how: 'head' | 'get'): Promise<ManifestAnswer> {
  const answer = await createOciRegistry({ allowLoopback: false, env: {} }).askManifest(
    { reference: reference(image), account, how },
    signal,
  );
  expect(JSON.stringify(answer)).not.toContain('canary');
  return answer;
}

describe('Docker Hub', () => {
  it('serves its API elsewhere, tells its limit, and counts whom', async () => {
    nock('https://registry-1.docker.io')
      .get('/v2/')
      .reply(401, errors('UNAUTHORIZED', 'authentication required'), bearer('https://auth.docker.io/token', 'registry.docker.io'));
    nock('https://auth.docker.io')
      .get('/token')
      .query({ service: 'registry.docker.io', scope: 'repository:library/nginx:pull' })
      .reply(200, { token: 'abc', expires_in: 300 });
    nock('https://registry-1.docker.io')
      .head('/v2/library/nginx/manifests/1.27')
      .matchHeader('authorization', 'Bearer abc')
      .reply(200, '', {
        ...MANIFEST,
        'ratelimit-limit': '100;w=21600',
        'ratelimit-remaining': '3;w=21600',
        'docker-ratelimit-source': '192.0.2.7',
      });
    expect(await ask('nginx:1.27', ANONYMOUS, 'head')).toMatchObject({
      status: 'found',
      requests: 3,
      rateLimit: { limit: 100, remaining: 3, windowSeconds: 21_600, source: '192.0.2.7' },
    });
  });

  it('hides whether a repository is missing, also from a login that it accepts', async () => {
    for (let time = 0; time < 2; time++) {
      nock('https://registry-1.docker.io').get('/v2/').reply(401, '', bearer('https://auth.docker.io/token', 'registry.docker.io'));
      nock('https://auth.docker.io').get('/token').query(true).reply(200, { token: 'weak' });
      nock('https://registry-1.docker.io').get('/v2/shop/web/manifests/1').reply(401, errors('UNAUTHORIZED', 'authentication required'), {
        'www-authenticate':
          'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:shop/web:pull",error="insufficient_scope"',
      });
    }
    expect(await ask('shop/web:1', ANONYMOUS, 'get')).toMatchObject({ status: 'unauthorized', by: 'registry', hidesMissing: true });
    expect(await ask('shop/web:1', login, 'get')).toMatchObject({ status: 'forbidden', by: 'registry', hidesMissing: true });
  });
});

const ECR = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
describe('Amazon ECR', () => {
  it('answers a token that has ended with 403, without a body on HEAD', async () => {
    nock(`https://${ECR}`).get('/v2/').reply(401, '', basic).head('/v2/app/manifests/1').reply(403);
    expect(await ask(`${ECR}/app:1`, login, 'head')).toMatchObject({ status: 'unauthorized' });
    nock(`https://${ECR}`)
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/app/manifests/1')
      .reply(403, errors('DENIED', 'Your authorization token has expired. Reauthenticate and try again.'));
    expect(await ask(`${ECR}/app:1`, login, 'get')).toMatchObject({ status: 'unauthorized', message: expect.stringContaining('expired') });
  });

  it('denies another account by 403, and names what is missing', async () => {
    nock(`https://${ECR}`)
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/app/manifests/1')
      .reply(403, errors('DENIED', 'User: arn:aws:iam::1:user/x is not authorized to perform: ecr:BatchGetImage'));
    expect(await ask(`${ECR}/app:1`, login, 'get')).toMatchObject({ status: 'forbidden', hidesMissing: false });
    nock(`https://${ECR}`)
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/app/manifests/1')
      .reply(404, errors('NAME_UNKNOWN', "The repository with name 'app' does not exist"));
    expect(await ask(`${ECR}/app:1`, login, 'get')).toMatchObject({ status: 'missing', what: 'repository' });
    nock(`https://${ECR}`)
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/app/manifests/1')
      .reply(404, errors('MANIFEST_UNKNOWN', 'Requested image not found'));
    expect(await ask(`${ECR}/app:1`, login, 'get')).toMatchObject({ status: 'missing', what: 'tag' });
  });
});

describe('other registries', () => {
  it('Google says "or it may not exist" and means it', async () => {
    const host = 'europe-docker.pkg.dev';
    nock(`https://${host}`)
      .get('/v2/')
      .reply(401, '', bearer(`https://${host}/v2/token`, host));
    nock(`https://${host}`)
      .get('/v2/token')
      .query(true)
      .reply(
        403,
        errors(
          'DENIED',
          'Permission "artifactregistry.repositories.downloadArtifacts" denied on resource "projects/x" (or it may not exist)',
        ),
      );
    expect(await ask(`${host}/p/r/app:1`, login, 'get')).toMatchObject({ status: 'forbidden', by: 'token-server', hidesMissing: true });
  });

  it('Azure names the address that its firewall blocks', async () => {
    nock('https://shop.azurecr.io')
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/app/manifests/1')
      .reply(403, errors('DENIED', "client with IP '203.0.113.9' is not allowed access. Refer https://aka.ms/acr/firewall"));
    expect(await ask('shop.azurecr.io/app:1', login, 'get')).toMatchObject({ status: 'forbidden', addressBlocked: true });
  });

  it('GitHub answers private and missing alike', async () => {
    nock('https://ghcr.io')
      .get('/v2/')
      .reply(401, '', bearer('https://ghcr.io/token', 'ghcr.io'))
      .get('/token')
      .query(true)
      .reply(403, errors('DENIED', 'requested access to the resource is denied'));
    expect(await ask('ghcr.io/shop/web:1', ANONYMOUS, 'get')).toMatchObject({ status: 'forbidden', hidesMissing: true });
  });

  it('Quay refuses to say that a repository is missing', async () => {
    nock('https://quay.io')
      .get('/v2/')
      .reply(401, '', bearer('https://quay.io/v2/auth', 'quay.io'))
      .get('/v2/auth')
      .query(true)
      .reply(200, { token: 'abc' })
      .get('/v2/shop/web/manifests/1')
      .reply(401, errors('UNAUTHORIZED', 'access to the requested resource is not authorized'));
    expect(await ask('quay.io/shop/web:1', ANONYMOUS, 'get')).toMatchObject({ status: 'unauthorized', hidesMissing: true });
  });

  it('Harbor is known by its greeting, under any name', async () => {
    nock('https://registry.example')
      .get('/v2/')
      .reply(401, errors('UNAUTHORIZED', 'unauthorized'), bearer('https://registry.example/service/token', 'harbor-registry'))
      .get('/service/token')
      .query(true)
      .reply(200, { token: 'abc' })
      .get('/v2/shop/web/manifests/1')
      .reply(401, errors('UNAUTHORIZED', 'unauthorized to access repository: shop/web'));
    expect(await ask('registry.example/shop/web:1', ANONYMOUS, 'get')).toMatchObject({ status: 'unauthorized', hidesMissing: true });
  });

  it('registry.k8s.io redirects to a backend, or refuses with a page', async () => {
    nock('https://registry.k8s.io')
      .get('/v2/')
      .reply(200, '', { 'docker-distribution-api-version': 'registry/2.0' })
      .head('/v2/pause/manifests/3.10')
      .reply(307, '', { location: 'https://europe-west1-docker.pkg.dev/v2/k8s/pause/manifests/3.10' });
    nock('https://europe-west1-docker.pkg.dev').head('/v2/k8s/pause/manifests/3.10').reply(200, '', MANIFEST);
    expect(await ask('registry.k8s.io/pause:3.10', ANONYMOUS, 'head')).toMatchObject({ status: 'found' });
    nock('https://registry.k8s.io')
      .get('/v2/')
      .reply(200, '', { 'docker-distribution-api-version': 'registry/2.0' })
      .get('/v2/pause/manifests/3.10')
      .reply(403, '<html><title>403 Forbidden</title></html>');
    expect(await ask('registry.k8s.io/pause:3.10', ANONYMOUS, 'get')).toMatchObject({ status: 'forbidden', addressBlocked: true });
  });

  it('Artifactory calls what it hides missing, so nothing is proven by that', async () => {
    nock('https://shop.jfrog.io')
      .get('/v2/')
      .reply(401, '', basic)
      .get('/v2/docker/app/manifests/1')
      .reply(404, errors('MANIFEST_UNKNOWN', 'The named manifest is not known to the registry.'));
    expect(await ask('shop.jfrog.io/docker/app:1', login, 'get')).toMatchObject({ status: 'missing', what: 'unknown' });
  });

  it('GitLab gives a weak token instead of refusing', async () => {
    nock('https://registry.gitlab.com').get('/v2/').reply(401, '', bearer('https://gitlab.com/jwt/auth', 'container_registry'));
    nock('https://gitlab.com').get('/jwt/auth').query(true).reply(200, { token: 'weak' });
    nock('https://registry.gitlab.com').get('/v2/shop/web/manifests/1').reply(401, errors('UNAUTHORIZED', 'authentication required'));
    expect(await ask('registry.gitlab.com/shop/web:1', ANONYMOUS, 'get')).toMatchObject({ status: 'unauthorized', hidesMissing: true });
  });

  it.each([
    ['docker.io', 'Docker Hub'],
    ['GHCR.io', 'GitHub Container Registry'],
    ['public.ecr.aws', 'Amazon ECR Public'],
    [ECR, 'Amazon ECR'],
    ['gcr.io', 'Google Artifact Registry'],
    ['eu.gcr.io', 'Google Artifact Registry'],
    ['k8s.gcr.io', 'registry.k8s.io'],
    ['shop.azurecr.io', 'Azure Container Registry'],
    ['notdocker.io', 'registry'],
    ['docker.io.example', 'registry'],
  ])('%s belongs to %s', (host, name) => {
    expect(quirkOf(host).name).toBe(name);
  });

  it('Nexus is known by its server header', () => {
    expect(quirkOf('registry.example:8082', { server: 'Nexus/3.70.1 (OSS)' }).name).toBe('Sonatype Nexus');
  });
});
