import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise, readErrorText } from '../../../src/diagnosis/message/error-text.ts';
import { SYMPTOMS } from '../../../src/diagnosis/message/pull-error.ts';
import { redact } from '../../../src/facts/redaction.ts';
import { possibleCauses } from '../../../src/report/explanation.ts';
import { catalogue, classify, rules } from '../../support/rules.ts';

const NOT_FOUND = (image: string) =>
  `Failed to pull image "${image}": rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;

describe('what a pull error says', () => {
  it('is the same before and after kubelets stripped the rpc prefix, and inside a back-off message', () => {
    const chain =
      'failed to pull and unpack image "registry.example/web:1": failed to resolve image: failed to do request: Head "https://registry.example/v2/web/manifests/1": dial tcp 192.0.2.1:443: connect: connection refused';
    for (const message of [
      chain,
      `Failed to pull image "registry.example/web:1": rpc error: code = Unknown desc = ${chain}`,
      `Back-off pulling image "registry.example/web:1": ErrImagePull: ${chain}`,
      `"Failed to pull image" err="rpc error: code = Unknown desc = ${chain.replaceAll('"', '\\"')}" image="registry.example/web:1"`,
    ]) {
      expect(classify(message), message).toMatchObject({
        symptom: 'connection-refused',
        host: 'registry.example',
        runtime: 'containerd',
        operation: 'dial',
      });
    }
  });

  it('names image, host, status and how far the pull got', () => {
    expect(
      classify(
        'Failed to pull image "web:1": failed to pull and unpack image "docker.io/library/web:1": failed to copy: httpReadSeeker: failed open: unexpected status from GET request to https://cdn.example:8443/v2/web/blobs/sha256:aa: 503 Service Unavailable',
      ),
    ).toMatchObject({
      symptom: 'registry-unavailable',
      image: 'web:1',
      host: 'cdn.example:8443',
      httpStatus: 503,
      operation: 'fetch',
      runtime: 'containerd',
    });
  });

  it('names the mirror that was asked and the registry it stands for', () => {
    const error = classify(
      'failed to resolve reference "docker.io/library/web:1": unexpected status from HEAD request to https://mirror.example/v2/library/web/manifests/1?ns=docker.io: 500 Internal Server Error',
    );
    expect(error).toMatchObject({ host: 'mirror.example', mirrorOf: 'docker.io', symptom: 'registry-unavailable' });
  });

  it('tells from the token request whether credentials were sent', () => {
    expect(
      classify(
        'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://auth.example/token: 401 Unauthorized',
      ),
    ).toMatchObject({ symptom: 'unauthorized', credentials: 'none' });
    expect(
      classify(
        'failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://auth.example/token: 401 Unauthorized',
      ),
    ).toMatchObject({ symptom: 'unauthorized', credentials: 'sent' });
  });

  it('does not take a bare 401 for a refused login, since an anonymous token may have been refused', () => {
    const error = classify(
      'failed to resolve image: unexpected status from HEAD request to https://quay.io/v2/shop/web/manifests/1: 401 Unauthorized',
    );
    expect(error.symptom).toBe('unauthorized');
    expect(error).not.toHaveProperty('credentials');
  });

  it('lets the most telling member of an aggregate lead and keeps the others', () => {
    const error = classify(
      'Failed to pull image "registry.example/web:9": [rpc error: code = Unknown desc = failed to resolve reference "registry.example/web:9": failed to authorize: failed to fetch anonymous token: unexpected status: 401 Unauthorized, rpc error: code = NotFound desc = failed to resolve reference "registry.example/web:9": registry.example/web:9: not found]',
    );
    expect(error).toMatchObject({ symptom: 'tag-not-found', image: 'registry.example/web:9' });
    expect(error.others.map((other) => other.symptom)).toEqual(['unauthorized']);
  });

  it("leads with CRI-O's image error, not with the artifact error behind it", () => {
    const error = classify(
      'unable to pull image or OCI artifact: pull image err: initializing source docker://registry.example/web:1: pinging container registry registry.example: Get "https://registry.example/v2/": dial tcp 192.0.2.1:443: i/o timeout; artifact err: get manifest: build image source: pinging container registry registry.example: Get "https://registry.example/v2/": dial tcp 192.0.2.1:443: i/o timeout',
    );
    expect(error).toMatchObject({ symptom: 'network-timeout', runtime: 'cri-o' });
  });

  it("leads with the registry's own error, not with those of its mirrors", () => {
    const error = classify(
      'reading manifest 1 in quay.io/shop/web: (Mirrors also failed: [mirror.example:5000/web:1: pinging container registry mirror.example:5000: Get "https://mirror.example:5000/v2/": dial tcp 192.0.2.1:5000: connect: connection refused]): quay.io/shop/web:1: reading manifest 1 in quay.io/shop/web: unauthorized: access to the requested resource is not authorized',
    );
    expect(error).toMatchObject({ symptom: 'unauthorized', host: 'quay.io' });
    expect(error.others).toMatchObject([{ symptom: 'connection-refused', host: 'mirror.example:5000' }]);
  });

  it('says unknown for a bare back-off, because that names no cause', () => {
    expect(classify('Back-off pulling image "registry.example/web:1"')).toMatchObject({
      symptom: 'unknown',
      image: 'registry.example/web:1',
    });
    expect(classify('Error: ErrImagePull').symptom).toBe('unknown');
    expect(classify('').symptom).toBe('unknown');
  });

  it('takes a lookup that timed out for a DNS failure, not for a slow registry', () => {
    expect(
      classify(
        'failed to do request: Head "https://registry.example/v2/web/manifests/1": dial tcp: lookup registry.example on 10.0.0.10:53: read udp 10.0.0.2:4711->10.0.0.10:53: i/o timeout',
      ).symptom,
    ).toBe('dns-failure');
  });

  it('takes the status of an answer for the cause, not the words of its body', () => {
    expect(
      classify(
        'unexpected status from HEAD request to https://registry.example/v2/web/manifests/1: 503 Service Unavailable: upstream connect error or disconnect: connection refused',
      ).symptom,
    ).toBe('registry-unavailable');
  });
});

describe('what people can choose never sways it', () => {
  /** Names made of the very words that rules look for. */
  const hostile = [
    'timeout/unauthorized:not-found',
    'x509/connection-refused:429',
    'registry.example/manifest-unknown/no-such-host:denied',
    'toomanyrequests:401',
    'unauthorized.forbidden.example/pull-access-denied:503',
    'no-space-left-on-device:latest',
    'localhost:5000/i-o-timeout:tls-handshake-timeout',
  ];

  it.each(hostile)('an image called %s is only a name', (image) => {
    expect(classify(NOT_FOUND(image))).toMatchObject({ symptom: 'tag-not-found', image });
    expect(classify(`Back-off pulling image "${image}"`)).toMatchObject({ symptom: 'unknown', image });
    expect(classify(`reading manifest denied in ${image.split(':')[0]}: manifest unknown`).symptom).toBe('tag-not-found');
    expect(classify(`Failed to pull image "${image}": pull QPS exceeded`).symptom).toBe('pull-qps');
    expect(
      classify(
        `failed to do request: Head "https://unauthorized.example/v2/${image.split(':')[0]}/manifests/denied": dial tcp 192.0.2.1:443: connect: connection refused`,
      ).symptom,
    ).toBe('connection-refused');
  });

  it('holds for any name made of those words', () => {
    const word = fc.constantFrom(
      'timeout',
      'unauthorized',
      'denied',
      'not-found',
      'manifest-unknown',
      'x509',
      'forbidden',
      'refused',
      'eof',
      'toomanyrequests',
      'no-such-host',
      '429',
      '503',
    );
    const image = fc.tuple(fc.array(word, { minLength: 2, maxLength: 4 }), word).map(([path, tag]) => `${path.join('/')}:${tag}`);
    fc.assert(fc.property(image, (name) => classify(NOT_FOUND(name)).symptom === 'tag-not-found'));
    fc.assert(
      fc.property(image, (name) => classify(`Back-off pulling image "${name}": ErrImagePull: pull QPS exceeded`).symptom === 'pull-qps'),
    );
  });

  it('a quoted invalid name with spaces is data as well', () => {
    expect(
      classify(
        'Failed to apply default image tag "web connection refused": couldn\'t parse image name "web connection refused": invalid reference format',
      ).symptom,
    ).toBe('invalid-reference');
  });
});

describe('a message that is about no pull', () => {
  it('is unknown and called so, whatever words it holds', () => {
    for (const message of [
      'Readiness probe failed: Get "https://192.0.2.7:8443/ready": x509: certificate signed by unknown authority',
      'Error creating: pods "web-0" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=10, limited: pods=10',
      'Error creating: admission webhook "policy.example" denied the request: failed to verify image registry.example/web:1: unauthorized',
      'MountVolume.SetUp failed for volume "data" : mount failed: access denied by server while mounting 192.0.2.9:/x',
    ]) {
      const error = classify(message);
      expect(error, message).toMatchObject({ symptom: 'unknown', about: 'other' });
      expect(error.summary, message).toMatch(/^Not a pull error: /);
      expect(error, message).not.toHaveProperty('rule');
    }
  });

  it.each(['denied', 'forbidden', 'timeout', 'failed precondition', 'unimplemented', 'rpc error: code = Unauthenticated desc = no token'])(
    'is unknown where bare words would decide: %s',
    (message) => {
      expect(classify(message)).toMatchObject({ symptom: 'unknown', about: 'unsaid' });
    },
  );

  it.each([
    'image upload rejected: access denied for bucket thumbnails',
    'layer 3 of the neural network: value corrupt',
    'docker build cache is disabled; tests timed out',
    'registry sync finished: 12 users denied',
  ])('is not made one by a single word that pulls use as well: %s', (message) => {
    expect(classify(message)).toMatchObject({ symptom: 'unknown', about: 'unsaid' });
  });

  it('is told apart from a piece of one, which is explained with an if', () => {
    const error = classify('x509: certificate signed by unknown authority');
    expect(error).toMatchObject({ symptom: 'unknown', about: 'unsaid' });
    expect(error.summary).toBe(
      'Nothing in the message says that it is about pulling an image. If it is: The node does not trust the authority that signed the certificate of the registry.',
    );
  });

  it('is one that a pull error only reports about, not the reverse', () => {
    expect(
      classify('Failed to pull image "registry.example/web:1": denied: pods is forbidden: exceeded quota of the registry project'),
    ).toMatchObject({ about: 'pull' });
    expect(
      classify(
        'Error creating: admission webhook "policy.example" denied the request: Failed to pull image "registry.example/web:1": manifest unknown',
      ),
    ).toMatchObject({ about: 'other', symptom: 'unknown' });
  });
});

describe('a failed unpacking', () => {
  const unpacking = (reason: string) =>
    classify(`failed to pull and unpack image "registry.example/web:1": failed to extract layer sha256:0a1b: ${reason}: unknown`);

  it.each([
    'mount callback failed on /var/lib/containerd/tmpmounts/m: failed to set xattr "security.capability": operation not supported',
    'failed to mount /var/lib/containerd/tmpmounts/m: fstype: overlay, flags: 0, err: invalid argument',
    'operation not permitted',
    'device or resource busy',
  ])("is the node's own, not damage to the layer, where the reason is no damage: %s", (reason) => {
    expect(unpacking(reason)).toMatchObject({ rule: 'layer-not-unpacked', shows: 'pod/unpack-refused' });
  });

  it.each(['archive/tar: invalid tar header', 'gzip: invalid header', 'zstd: invalid input: magic number mismatch', 'unexpected EOF'])(
    'is a damaged layer where the data is to blame: %s',
    (reason) => {
      const error = unpacking(reason);
      expect(error.symptom).toBe('layer-corrupt');
      expect(error).not.toHaveProperty('shows');
    },
  );

  it('is neither where it was cancelled or the image is encrypted', () => {
    expect(unpacking('context canceled').symptom).toBe('pull-canceled');
    expect(unpacking('call to unwrap key failed: missing private key needed for decryption')).toMatchObject({
      symptom: 'unknown',
      rule: 'layer-encrypted',
    });
  });
});

describe('numbers and words that only look like an answer of the registry', () => {
  it.each(['401', '403', '404', '407', '412', '429', '503'])('a layer of %s bytes is no HTTP status', (size) => {
    for (const words of [
      `failed size validation: ${size} != 9000: failed precondition`,
      `failed size validation: 9000 != ${size}: failed precondition`,
      `unexpected commit size ${size}, expected 9000: failed precondition`,
      `short read: expected ${size} bytes but got 0: unexpected EOF`,
    ]) {
      const error = classify(`Failed to pull image "registry.example/web:1": rpc error: code = Unknown desc = ${words}`);
      expect(error.symptom, words).toBe('layer-corrupt');
      expect(error, words).not.toHaveProperty('httpStatus');
    }
  });

  it('Windows\' "Access is denied" is no registry\'s, nor are the words of a path of its', () => {
    for (const path of ['C:\\ProgramData\\docker\\tmp\\unauthorized', '\\\\?\\C:\\forbidden\\x509'])
      expect(classify(`Failed to pull image "registry.example/web:1": open ${path}: Access is denied.`), path).toMatchObject({
        symptom: 'unknown',
        about: 'pull',
      });
  });

  it("a refusal of the API server is not the registry's", () => {
    expect(
      classify(
        'Failed to pull image "registry.example/web:1": serviceaccounts "web" is forbidden: User "system:node:node-1" cannot create resource "serviceaccounts/token" in API group "" in the namespace "shop"',
      ),
    ).toMatchObject({ symptom: 'unknown', rule: 'api-server-forbids' });
  });

  it('a file the runtime may not read is no layer it could not unpack', () => {
    expect(classify('Failed to pull image "registry.example/web:1": open /srv/registries.yaml: permission denied')).not.toHaveProperty(
      'shows',
    );
  });

  it("a full disk behind a server error is the registry's, not the node's", () => {
    const answered = (words: string) =>
      classify(
        `Failed to pull image "registry.example/web:1": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry.example/v2/web/blobs/sha256:0a: 500 Internal Server Error - Server message: unknown: ${words}`,
      ).symptom;
    expect(answered('write /data/blobs/0a: no space left on device')).toBe('registry-unavailable');
    expect(answered('http status code: 429, body: {"errors":[{"code":"TOOMANYREQUESTS"}]}')).toBe('rate-limited');
  });

  it("a rate limit is a registry's where it is written as registries do, and a cloud's otherwise", () => {
    expect(classify('toomanyrequests: You have reached your pull rate limit.')).toMatchObject({ symptom: 'rate-limited' });
    expect(classify('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}')).toMatchObject({ symptom: 'rate-limited' });
    expect(classify('failed to reconcile the database: TooManyRequests: slow down')).toMatchObject({ symptom: 'unknown', about: 'unsaid' });
  });
});

it('a status behind a URL is read where the signature at its end was redacted', () => {
  expect(
    classify(
      redact('failed to copy: httpReadSeeker: failed open: unexpected status code https://cdn.example/data?verify=1700-aBc%3D: 522 '),
    ),
  ).toMatchObject({ symptom: 'registry-unavailable', host: 'cdn.example' });
});

// Go's crypto/x509, verify.go and x509.go.
describe("a certificate that Go's x509 refuses", () => {
  const PREFIXES = [
    'Failed to pull image "registry.example/web:1": failed to do request: Head "https://registry.example/v2/web/manifests/1": tls: failed to verify certificate: ',
    'Failed to pull image "registry.example/web:1": Error response from daemon: Get "https://registry.example/v2/": ',
  ];
  it.each([
    'certificate is not authorized to sign other certificates',
    'a root or intermediate certificate is not authorized to sign for this name: DNS name "registry.example" is not permitted by any constraint',
    'too many intermediates for path length constraint',
    'issuer name does not match subject from issuing certificate',
    "issuer has name constraints but leaf doesn't have a SAN extension",
    'failed to load system roots and no roots provided',
    'cannot verify signature: algorithm unimplemented',
    'cannot verify signature: insecure algorithm SHA1-RSA',
    'invalid signature: parent certificate cannot sign this kind of certificate',
    'ECDSA verification failure',
  ])('is not trusted, whatever its words sound like: %s', (reason) => {
    for (const prefix of PREFIXES) expect(classify(`${prefix}x509: ${reason}`).symptom).toBe('tls-untrusted');
  });
  it.each([
    'a root or intermediate certificate is not authorized for an extended key usage: EKU not permitted',
    'certificate specifies an incompatible key usage',
    'unhandled critical extension',
    'negative serial number',
    'invalid basic constraints',
  ])('is of no use, and trusting its authority would not mend that: %s', (reason) => {
    for (const prefix of PREFIXES)
      expect(classify(`${prefix}x509: ${reason}`)).toMatchObject({ symptom: 'unknown', rule: 'certificate-unusable' });
  });
});

describe('a message about another kind of pulling or pushing', () => {
  it.each(['Failed to pull git repo: authentication required', 'failed to pull message from queue: connection refused'])(
    'is not one about images: %s',
    (message) => {
      expect(classify(message)).toMatchObject({ symptom: 'unknown', about: 'unsaid' });
    },
  );

  it('is called so where an image is pushed', () => {
    expect(
      classify('failed to push: unexpected status from POST request to https://registry.example/v2/web/blobs/uploads/: 403 Forbidden'),
    ).toMatchObject({ symptom: 'unknown', about: 'other' });
  });
});

describe('a message that the kubelet merged with similar ones', () => {
  it('reads as it did before', () => {
    const message = NOT_FOUND('registry.example/web:1');
    expect(classify(`(combined from similar events): ${message}`)).toEqual(classify(message));
  });
});

describe('a mirror', () => {
  const asked = (url: string, image = 'registry.example/shop/web:1') =>
    classify(`Failed to pull image "${image}": failed to resolve image: unexpected status from HEAD request to ${url}: 403 Forbidden`);

  it("is a host other than the image's that was asked for its manifest, with or without ns=", () => {
    expect(asked('https://mirror.example/v2/shop/web/manifests/1?ns=registry.example').mirrorOf).toBe('registry.example');
    expect(asked('https://mirror.example/v2/shop/web/manifests/1').mirrorOf).toBe('registry.example');
    expect(asked('https://mirror.example/v2/library/web/manifests/1?ns=docker.io', 'web:1').mirrorOf).toBe('docker.io');
    expect(
      classify(
        'Failed to pull image "registry.example/shop/web:1": initializing source docker://mirror.example/cache/shop/web:1: reading manifest 1 in mirror.example/cache/shop/web: denied',
      ),
    ).toMatchObject({ host: 'mirror.example', mirrorOf: 'registry.example' });
  });

  it('is neither another name of the registry, nor a token server, a store of layers, or where the registry redirects to', () => {
    for (const [url, image] of [
      ['https://registry.example:443/v2/shop/web/manifests/1', undefined],
      ['https://registry-1.docker.io/v2/library/web/manifests/1', 'web:1'],
      ['https://registry-1.docker.io/v2/library/web/manifests/1?ns=docker.io', 'web:1'],
      ['https://auth.example/token?scope=repository%3Ashop%2Fweb%3Apull', undefined],
      ['https://cdn.example/v2/shop/web/blobs/sha256:aa', undefined],
      ['https://other.example/v2/prod/images/shop/web/manifests/1', undefined],
      ['https://registry.k8s.io/v2/pause/manifests/3.9', 'k8s.gcr.io/pause:3.9'],
    ] as const)
      expect(asked(url, image), url).not.toHaveProperty('mirrorOf');
    expect(
      classify(
        'Failed to pull image "web:1": initializing source docker://search.example/web:1: reading manifest 1 in search.example/web: manifest unknown',
      ),
    ).not.toHaveProperty('mirrorOf');
  });
});

describe('an image that moved', () => {
  const missing = (image: string, where = image) =>
    classify(`Failed to pull image "${image}": failed to resolve image: ${where}: not found`);

  it('comes with where it went and since when', () => {
    expect(missing('bitnami/redis:7.0', 'docker.io/bitnami/redis:7.0').moved).toMatch(/2025-08-28.*bitnamilegacy/);
    expect(missing('docker.io/bitnami/redis:7.0').moved).toMatch(/bitnamilegacy/);
    expect(missing('k8s.gcr.io/pause:9').moved).toMatch(/registry\.k8s\.io/);
    expect(missing('gcr.io/google_containers/pause:9').moved).toMatch(/registry\.k8s\.io/);
    expect(missing('gcr.io/shop/web:1').moved).toMatch(/2025-03-18/);
    expect(missing('docker.pkg.github.com/shop/web/app:1').moved).toMatch(/2025-02-24/);
  });

  it('is not brought up for other images, nor where it explains nothing', () => {
    expect(missing('registry.example/bitnami/redis:7.0')).not.toHaveProperty('moved');
    expect(missing('bitnamilegacy/redis:7.0', 'docker.io/bitnamilegacy/redis:7.0')).not.toHaveProperty('moved');
    expect(classify('Failed to pull image "bitnami/redis:7.0": write /var/lib/containerd/x: no space left on device')).not.toHaveProperty(
      'moved',
    );
  });
});

describe('words that a symptom cannot hold', () => {
  it.each([
    ['pod/snapshotter-failed', 'failed to prepare extraction snapshot "extract-1 sha256:0a": layer "12" unavailable: unavailable'],
    ['pod/image-storage-failed', 'failed to copy: open /var/lib/containerd/ingest/0a/ref: read-only file system: unknown'],
    ['pod/unpack-refused', 'failed to extract layer sha256:0a: hcsshim::ImportLayer failed in Win32: Access is denied. (0x5): unknown'],
    [
      'pod/tls-handshake-failed',
      'failed to do request: Head "https://registry.example/v2/web/manifests/1": remote error: tls: handshake failure',
    ],
    ['pod/runtime-misconfigured', 'invalid policy in "/etc/containers/policy.json": Unknown key "keyPaths"'],
  ])('show %s and stay unknown', (shows, chain) => {
    const error = classify(`Failed to pull image "registry.example/web:1": rpc error: code = Unknown desc = ${chain}`);
    expect(error).toMatchObject({ symptom: 'unknown', shows, about: 'pull' });
    expect(error.summary).not.toBe(rules.summaries.unknown);
  });

  it('take a disk without space for just that, also inside a snapshotter', () => {
    expect(
      classify(
        'failed to prepare extraction snapshot "extract-1 sha256:0a": mkdir /var/lib/containerd/snapshots/new-1: no space left on device: unknown',
      ).symptom,
    ).toBe('disk-full');
  });

  it('take an alert of the other side for what it is, also where it speaks of certificates', () => {
    expect(
      classify(
        'failed to do request: Head "https://registry.example/v2/web/manifests/1": remote error: tls: unknown certificate authority',
      ),
    ).toMatchObject({ symptom: 'unknown', shows: 'pod/tls-handshake-failed' });
  });

  it('do not take a registry that cannot be reached for a runtime that does not answer', () => {
    expect(
      classify(
        'Failed to pull image "registry.example/web:1": rpc error: code = Unavailable desc = failed to pull and unpack image "registry.example/web:1": failed to resolve image: failed to do request: Head "https://registry.example/v2/web/manifests/1": dial tcp 192.0.2.1:443: i/o timeout',
      ).symptom,
    ).toBe('network-timeout');
  });
});

describe('hostile input', () => {
  it('is classified whatever it holds', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => SYMPTOMS.includes(classify(text).symptom)));
  });

  it('leaves a bounded text for the rules, whatever its length', () => {
    const long = `Failed to pull image "registry.example/web:1": ${'dial tcp: lookup '.repeat(6_000)}`;
    expect(normalise(long).length).toBeLessThanOrEqual(16_400);
    expect(classify(`${long} on 10.0.0.10:53: no such host`).symptom).toBe('dns-failure');
  });

  it('loses control characters and direction marks', () => {
    const { words } = readErrorText(normalise('pull \u001b[31mQPS\u202e exceeded'));
    for (const hidden of ['\u001b', '\u202e']) expect(words).not.toContain(hidden);
  });
});

// net/http's Transport gives the status of a proxy's answer to CONNECT without its number.
describe('a status without its number', () => {
  const asked = [
    'failed to do request: Head "https://registry.example/v2/web/manifests/1"',
    'pinging container registry registry.example: Get "https://registry.example/v2/"',
  ];
  const said = (text: string) => classify(`Failed to pull image "registry.example/web:1": ${text}`);
  it.each(['Forbidden', 'Method Not Allowed'])("is the proxy's: %s", (status) => {
    for (const before of asked) expect(said(`${before}: ${status}`).symptom).toBe('proxy-error');
  });
  it.each(['Bad Gateway', 'Service Unavailable', 'Internal Server Error'])("is the proxy's, by its cause: %s", (status) => {
    for (const before of asked) {
      const error = said(`${before}: ${status}`);
      expect(error).toMatchObject({ symptom: 'registry-unavailable', shows: 'pod/proxy-status' });
      expect(possibleCauses(error, catalogue)[0]).toMatchObject({ cause: 'proxy-error', confidence: 'likely' });
    }
  });
  it("with it is the registry's", () => {
    const head = 'unexpected status from HEAD request to https://registry.example/v2/web/manifests/1';
    expect(said(`${head}: 403 Forbidden`)).toMatchObject({ symptom: 'forbidden' });
    expect(said(`${head}: 502 Bad Gateway`).shows).toBeUndefined();
  });
});
