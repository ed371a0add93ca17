"""Kedro's settings of the project."""

from fairtrial.configuration import CONFIG_LOADER_ARGS as CONFIG_LOADER_ARGS
from fairtrial.configuration import TrialConfigLoader
from fairtrial.hooks import TrialHooks
from fairtrial.session import TrialContext, TrialSession
from fairtrial.storage.catalog import TrialCatalog

HOOKS = (TrialHooks(),)
SESSION_CLASS = TrialSession
CONTEXT_CLASS = TrialContext
CONFIG_LOADER_CLASS = TrialConfigLoader
DATA_CATALOG_CLASS = TrialCatalog
RUNNER_MODULE_ALLOWLIST = ("fairtrial.storage.runner",)
# Telemetry stays off; the drawing's statistics need a hook that no worker has.
DISABLE_HOOKS_FOR_PLUGINS = ("kedro-telemetry", "kedro-viz")
