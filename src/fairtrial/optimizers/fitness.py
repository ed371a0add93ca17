"""Objective and violation as one number to select by, for algorithms that weigh points."""

from __future__ import annotations

import numpy as np

from fairtrial.optimizers.task import FloatArray


def fitness(objective: FloatArray, violation: FloatArray) -> FloatArray:
    """Fitness (S, P), zero for the worst of each run.

    G is the objective where a point is feasible. Elsewhere it is the run's worst feasible
    objective plus the squared violation (the SAGA paper's phi + psi when the violation is the
    Euclidean norm of the excesses), so that every feasible point comes first.
    """
    feasible = violation == 0
    known = np.where(feasible, objective, -np.inf).max(axis=1, keepdims=True)
    penalty = np.where(np.isfinite(violation), violation, 0.0) ** 2
    worst = np.maximum(np.where(np.isfinite(known), known, 0.0) + penalty, 0.0)
    g = np.where(feasible, objective, worst)
    g = np.where(np.isfinite(violation), g, g.max(axis=1, keepdims=True))
    scaled: FloatArray = g.max(axis=1, keepdims=True) - g
    return scaled


def ranks(objective: FloatArray, violation: FloatArray) -> FloatArray:
    """Fitness (S, P) by linear rank: 0 for the worst by Deb's rules, P - 1 for the best."""
    order = np.lexsort((objective, violation), axis=1)
    rank = np.empty(order.shape)
    size = order.shape[1]
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(size)[::-1], order.shape), axis=1)
    return rank
