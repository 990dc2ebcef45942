"""A small network over two sentence vectors: what cosine cannot weigh. Symmetric in the two; trained with JAX."""
import base64, time
import jax, jax.numpy as jnp, numpy as np, optax

WIDTH, HIDDEN, EPOCHS, BATCH = 64, 32, 6, 512


def forward(p, u, v, key=None):
    keys = jax.random.split(key, 2) if key is not None else (None, None)
    if key is not None:
        mask = jax.random.bernoulli(keys[0], .9, u.shape) / .9
        u2, v2 = u * mask, v * mask
    else:
        u2, v2 = u, v
    a, b = jnp.tanh(u2 @ p['W']), jnp.tanh(v2 @ p['W'])
    x = jnp.concatenate([jnp.abs(a - b), a * b, (u * v).sum(1, keepdims=True)], 1)
    if key is not None:
        x = x * jax.random.bernoulli(keys[1], .8, x.shape) / .8
    h = jax.nn.relu(x @ p['h'] + p['c'])
    return (h @ p['o'])[:, 0] + p['d'][0]


def loss(p, u, v, y, w, key):
    return (w * optax.sigmoid_binary_cross_entropy(forward(p, u, v, key), y)).mean()


score = jax.jit(lambda p, u, v: forward(p, u, v))


def train(vectors, left, right, y, w, seed=9):
    d = vectors.shape[1]
    k = jax.random.split(jax.random.PRNGKey(seed), 3)
    p = dict(W=jax.random.normal(k[0], (d, WIDTH)) * 4 / np.sqrt(d), h=jax.random.normal(k[1], (2 * WIDTH + 1, HIDDEN)) * .08, c=jnp.zeros(HIDDEN), o=jax.random.normal(k[2], (HIDDEN, 1)) * .1, d=jnp.zeros(1))
    steps = EPOCHS * (len(left) // BATCH)
    opt = optax.adamw(optax.cosine_decay_schedule(2e-3, steps), weight_decay=2e-2)
    state = opt.init(p)

    @jax.jit
    def step(p, state, u, v, y, w, key):
        g = jax.grad(loss)(p, u, v, y, w, key)
        up, state = opt.update(g, state, p)
        return optax.apply_updates(p, up), state

    random, key = np.random.default_rng(seed), jax.random.PRNGKey(seed + 1)
    y = y.astype(np.float32)
    for _ in range(EPOCHS):
        order = random.permutation(len(left))
        for i in range(0, len(order) - BATCH + 1, BATCH):
            j = order[i:i + BATCH]
            key, use = jax.random.split(key)
            p, state = step(p, state, vectors[left[j]], vectors[right[j]], y[j], w[j], use)
    return p


def predict(p, vectors, left, right):
    return np.concatenate([np.array(score(p, vectors[left[i:i + 4096]], vectors[right[i:i + 4096]])) for i in range(0, len(left), 4096)]) if len(left) else np.zeros(0)


def quantised(p):
    """W as int8 with one scale a column, the rest as numbers; also returns the parameters as they are after rounding."""
    W = np.array(p['W'])
    scale = np.abs(W).max(0) / 127
    q = np.rint(W / scale).astype(np.int8)
    r = lambda m: [round(float(x), 4) for x in np.array(m).ravel()]
    shipped = dict(dimensions=int(W.shape[0]), width=WIDTH, hidden=HIDDEN, weights=base64.b64encode(q.T.tobytes()).decode(), scales=[float(f'{s:.6g}') for s in scale], inner=r(np.array(p['h']).T), innerBias=r(p['c']), outer=r(p['o']), outerBias=r(p['d'])[0])
    back = dict(W=jnp.array(q * scale), h=jnp.round(p['h'], 4), c=jnp.round(p['c'], 4), o=jnp.round(p['o'], 4), d=jnp.round(p['d'], 4))
    return shipped, back
