"""The ray network of science C6A.2 for training, and its file (schema restage-ranker-1)."""
import math

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import nn

STEPS = 16       # samples a ray, at u R + 0.4 u^2 mm
NEIGHBOURS = 6
SHAPES = {"ray42": dict(rays=42, channels=16, deep=1, degrees=3, hidden=24),
          "ray2": dict(rays=162, channels=32, deep=2, degrees=4, hidden=48)}


def directions(n):
    i = np.arange(n)
    z = 1 - (2 * i + 1) / n
    azimuth = np.pi * (1 + np.sqrt(5)) * (i + 0.5)
    across = np.sqrt(1 - z * z)
    return np.stack([across * np.cos(azimuth), across * np.sin(azimuth), z], 1)


def nearest(unit):
    """Six nearest rays of each, by largest dot product, ties by lower index."""
    dot = unit @ unit.T
    np.fill_diagonal(dot, -2)
    return np.stack([np.lexsort((np.arange(len(unit)), -row))[:NEIGHBOURS] for row in dot])


def harmonics(unit, degrees):
    """Real spherical harmonics of the degrees 1 to `degrees`, unit mean square over the sphere; rays x (2l + 1) each."""
    from scipy.special import sph_harm
    polar, azimuth = np.arccos(np.clip(unit[:, 2], -1, 1)), np.arctan2(unit[:, 1], unit[:, 0])
    parts = []
    for degree in range(1, degrees + 1):
        rows = []
        for m in range(-degree, degree + 1):
            y = sph_harm(abs(m), degree, azimuth, polar) * math.sqrt(4 * math.pi)
            rows.append(y.real if m == 0 else math.sqrt(2) * (y.real if m > 0 else y.imag))
        parts.append(np.stack(rows, 1))
    return parts


class Around(torch.autograd.Function):
    """Mean of the nearest rays: six of 162 are too few for a dense product."""

    @staticmethod
    def forward(ctx, h, near, back):
        ctx.back = back
        return torch.from_numpy(near @ h.detach().numpy())

    @staticmethod
    def backward(ctx, grad):
        return torch.from_numpy(ctx.back @ grad.contiguous().numpy()), None, None


class RayNet(nn.Module):
    def __init__(self, rays, channels, deep, degrees, hidden):
        super().__init__()
        self.shape = dict(rays=rays, channels=channels, deep=deep, degrees=degrees, hidden=hidden)
        unit = directions(rays)
        near = np.zeros((rays, rays), np.float32)
        for ray, others in enumerate(nearest(unit)):
            near[ray, others] = 1 / NEIGHBOURS
        self.near = csr_matrix(near)
        self.back = csr_matrix(near.T)
        parts = harmonics(unit, degrees)
        parts.insert(0, np.ones((rays, 1)))  # the mean, in the same product
        self.sizes = [p.shape[1] for p in parts]
        self.register_buffer("waves", torch.from_numpy((np.concatenate(parts, 1).T / rays).astype(np.float32)))
        self.first = nn.Linear(STEPS, channels)
        self.layers = nn.ModuleList([nn.Linear(2 * channels, channels) for _ in range(deep)])
        self.a = nn.Linear(channels * (degrees + 2) + 2, hidden)
        self.b = nn.Linear(hidden, 16)
        self.c = nn.Linear(16, 1)

    def forward(self, x, scalars):
        """x: rays x batch x steps."""
        n, batch, _ = x.shape
        k = self.shape["channels"]
        h = torch.relu_(self.first(x.reshape(-1, STEPS))).view(n, batch, k)
        for layer in self.layers:
            own = torch.addmm(layer.bias, h.view(-1, k), layer.weight[:, :k].T)
            other = Around.apply(h.view(n, batch * k), self.near, self.back).view(-1, k)
            h = torch.relu_(own.addmm_(other, layer.weight[:, k:].T)).view(n, batch, k)
        waves = (self.waves @ h.reshape(n, batch * k)).reshape(-1, batch, k)
        mean, *degrees = torch.split(waves, self.sizes)
        parts = [mean[0]]
        for part in degrees:
            parts.append(torch.sqrt((part * part).sum(0) + 1e-5))
        parts += [h.max(0).values, scalars]
        v = torch.relu(self.a(torch.cat(parts, 1)))
        return self.c(torch.relu(self.b(v)))[:, 0]

    def flat(self):
        parts = [self.first] + list(self.layers) + [self.a, self.b, self.c]
        return np.concatenate([p.detach().numpy().ravel() for layer in parts for p in (layer.weight, layer.bias)])

    def load_flat(self, weights):
        at = 0
        for layer in [self.first] + list(self.layers) + [self.a, self.b, self.c]:
            for p in (layer.weight, layer.bias):
                p.data = torch.tensor(weights[at:at + p.numel()], dtype=torch.float32).reshape(p.shape)
                at += p.numel()

    def to_json(self):
        return dict(self.shape, weights=[float("%.9g" % w) for w in self.flat()])


def from_json(entry):
    shape = {key: entry[key] for key in ("rays", "channels", "deep", "degrees", "hidden")}
    net = RayNet(**shape)
    net.load_flat(entry["weights"])
    return net


def tables(packed):
    """Packed tables (uint8, candidates x rays * steps) as HU, rays x candidates x steps."""
    hu = torch.from_numpy(packed.astype(np.float32)).mul_(5).sub_(1000)
    return hu.reshape(len(packed), -1, STEPS).transpose(0, 1)


def inputs(hu):
    return (hu.clamp(-1000, 200) + 850) / 300


def scalars(radius, response):
    return torch.from_numpy(np.stack([np.log(radius) - 0.5, np.log(np.maximum(response, 50)) - 5.5], 1).astype(np.float32))


@torch.no_grad()
def logits(net, packed, radius, response, block=2048):
    out = [net(inputs(tables(np.asarray(packed[n:n + block]))), scalars(radius[n:n + block], response[n:n + block]))
           for n in range(0, len(packed), block)]
    return torch.cat(out).numpy() if out else np.zeros(0, np.float32)
