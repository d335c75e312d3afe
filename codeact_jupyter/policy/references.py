"""Tables: what a reference to a function or a module may do, by its full name.

Only names are here; what a reference stands for is found out in
:mod:`codeact_jupyter.policy.aliases`, and what depends on arguments stands in
:mod:`codeact_jupyter.policy.calls`. A reference counts without being called: code that
holds ``os.remove`` under another name may call it later.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from codeact_jupyter.policy import effects
from codeact_jupyter.policy.effects import names_in, table

if TYPE_CHECKING:
    from codeact_jupyter.policy.effects import Effect


FUNCTIONS: dict[str, Effect] = table(
    (
        effects.DELETES,
        """
        os.remove os.unlink os.rmdir os.removedirs os.truncate os.ftruncate shutil.rmtree
        send2trash.send2trash pathlib.Path.unlink pathlib.Path.rmdir
        """,
    ),
    (
        effects.COMMAND,
        """
        os.system os.popen subprocess.getoutput subprocess.getstatusoutput
        asyncio.create_subprocess_shell IPython.utils.process.system
        IPython.utils.process.getoutput
        """,
    ),
    (
        effects.PROCESS,
        """
        os.fork os.forkpty os.posix_spawn os.posix_spawnp os.spawnl os.spawnle os.spawnlp
        os.spawnlpe os.spawnv os.spawnve os.spawnvp os.spawnvpe os.execl os.execle os.execlp
        os.execlpe os.execv os.execve os.execvp os.execvpe os.startfile pty.spawn pty.fork
        asyncio.create_subprocess_exec concurrent.futures.ProcessPoolExecutor
        concurrent.futures.process.ProcessPoolExecutor
        """,
    ),
    (
        effects.ENDS,
        """
        os._exit os.abort os.kill os.killpg signal.raise_signal signal.pthread_kill exit quit
        faulthandler._sigsegv
        """,
    ),
    (
        effects.SPIES,
        """
        sys.settrace sys.setprofile sys._getframe sys._current_frames sys.addaudithook
        sys.monitoring threading.settrace threading.setprofile gc.get_objects
        gc.get_referrers gc.get_referents inspect.currentframe inspect.stack
        inspect.getouterframes
        """,
    ),
    (
        effects.LATER,
        """
        atexit.register signal.signal signal.setitimer signal.alarm sys.excepthook
        sys.unraisablehook threading.excepthook weakref.finalize
        """,
    ),
    (
        effects.PATCH,
        "unittest.mock.patch sys.meta_path sys.path_hooks sys.displayhook sys.breakpointhook",
    ),
    (effects.SECRET, "dotenv.load_dotenv dotenv.dotenv_values google.colab.userdata"),
    (effects.FRONT, "get_ipython"),
    (effects.FOLDER, "os.chdir os.fchdir os.chroot contextlib.chdir"),
    (effects.INSTALL, "ensurepip.bootstrap site.addsitedir"),
    (
        effects.NETWORK,
        """
        urllib.request urllib.robotparser http.client http.server xmlrpc.client webbrowser.open
        webbrowser.get asyncio.open_connection asyncio.start_server
        statsmodels.api.datasets.get_rdataset statsmodels.datasets.get_rdataset
        seaborn.load_dataset nltk.download torch.hub.load kagglehub.dataset_download
        pandas_datareader.data huggingface_hub.hf_hub_download
        huggingface_hub.snapshot_download datasets.load_dataset pandas.read_gbq
        """,
    ),
    (
        effects.DYNAMIC,
        """
        eval exec compile __import__ __builtins__ __loader__ __spec__ importlib.import_module
        importlib.reload importlib.__import__ importlib.util.spec_from_file_location
        importlib.util.module_from_spec importlib.machinery pkgutil.resolve_name
        sys.modules types.FunctionType types.CodeType builtins.eval builtins.exec
        builtins.compile builtins.__import__ builtins.__dict__
        """,
    ),
    (
        effects.PICKLED,
        """
        pickle.load pickle.loads pickle.Unpickler _pickle.load _pickle.loads cPickle.load
        cPickle.loads dill.load dill.loads dill.load_session dill.load_module
        cloudpickle.load cloudpickle.loads joblib.load pandas.read_pickle marshal.load
        marshal.loads shelve.open jsonpickle.decode skops.io.load yaml.unsafe_load
        yaml.full_load yaml.unsafe_load_all sklearn.externals.joblib.load
        """,
    ),
    (
        effects.LINKS,
        "os.symlink os.link os.chmod os.chown os.lchown os.mkfifo os.mknod shutil.chown",
    ),
    (effects.MAKES_FOLDER, "os.mkdir os.makedirs"),
    (
        effects.COPIES,
        """
        os.rename os.renames os.replace shutil.copy shutil.copy2 shutil.copyfile shutil.move
        shutil.copytree shutil.unpack_archive shutil.make_archive pathlib.Path.rename
        pathlib.Path.replace
        """,
    ),
    (effects.SETS, "os.putenv os.unsetenv"),
    (effects.IMPORT_PATH, "sys.path.append sys.path.insert sys.path.extend"),
)
"""By the whole name; also what lies inside (``sys.modules.pop``)."""

MODULES: dict[str, Effect] = table(
    (effects.COMMAND, "subprocess commands sh plumbum pexpect fabric invoke ptyprocess"),
    (effects.PROCESS, "multiprocessing multiprocess billiard pathos"),
    (
        effects.NETWORK,
        """
        requests httpx httpx2 aiohttp urllib3 socket socketserver ssl smtplib ftplib poplib
        imaplib telnetlib nntplib paramiko pycurl boto3 botocore s3fs gcsfs adlfs websockets
        websocket grpc redis pymongo psycopg psycopg2 pymysql MySQLdb snowflake openai
        anthropic yfinance tweepy selenium playwright wget gdown kaggle wandb mlflow ftputil
        pysftp asyncpg kafka pika zmq tornado flask fastapi uvicorn gradio
        """,
    ),
    (effects.CODEACT, "codeact_jupyter"),
    (
        effects.FRONT,
        """
        IPython ipykernel jupyter_client jupyter_server jupyter_core notebook jupyterlab comm
        nbclient papermill
        """,
    ),
    (effects.SECRET, "keyring secretstorage netrc"),
    (effects.DYNAMIC, "runpy code codeop imp"),
    (effects.NATIVE, "ctypes cffi _ctypes mmap cppyy"),
)
"""By the first part of the name: whatever is used of them."""

HARMLESS: frozenset[str] = names_in("""
    subprocess.CalledProcessError subprocess.TimeoutExpired subprocess.PIPE
    subprocess.DEVNULL subprocess.STDOUT requests.exceptions requests.Response
    requests.RequestException socket.gethostname socket.timeout socket.error
    multiprocessing.cpu_count ssl.SSLError IPython.display IPython.__version__
    IPython.version_info urllib3.exceptions urllib3.util.parse_url ctypes.c_int
    ctypes.sizeof httpx.HTTPError ipykernel.__version__ jupyter_core.__version__
    jupyter_client.__version__ jupyterlab.__version__ notebook.__version__
    requests.__version__ IPython.core.interactiveshell.InteractiveShell.ast_node_interactivity
    IPython.core.interactiveshell.InteractiveShell sys.modules.keys
    """)
"""Parts of the modules above that do nothing by themselves."""

METHODS: dict[str, Effect] = table(
    (effects.DELETES, "unlink rmdir rmtree"),
    (effects.COPIES, "extractall hardlink_to"),
    (effects.LINKS, "symlink_to chmod lchmod"),
    (effects.MAKES_FOLDER, "mkdir makedirs"),
    (
        effects.NETWORK,
        """
        urlopen urlretrieve getaddrinfo gethostbyname push_to_hub hf_hub_download
        create_connection
        """,
    ),
    (
        effects.DYNAMIC,
        """
        __subclasses__ __globals__ __self__ __builtins__ __code__ __closure__ __base__ __bases__
        __mro__ __getattribute__ __import__ __loader__ __reduce__ __reduce_ex__ f_globals
        f_locals f_back f_builtins gi_frame cr_frame tb_frame load_module exec_module
        """,
    ),
    (
        effects.FRONT,
        """
        run_line_magic run_cell_magic ast_transformers input_transformers_post
        input_transformers_cleanup set_next_input register_magic_function
        history_manager user_ns
        """,
    ),
)
"""By the last part of the name, whatever it belongs to: names that mean nothing else."""

WITHIN: frozenset[str] = frozenset(
    {"os", "sys", "subprocess", "shutil", "builtins", "importlib", "ctypes"}
)
"""Modules that are reached through others: ``pandas.io.common.os``."""

PATCHED: frozenset[str] = WITHIN | {
    *("io", "IPython", "ipykernel", "comm", "codeact_jupyter", "openai", "asyncio"),
    *("threading", "signal", "pickle", "json", "logging", "getpass", "socket", "get_ipython"),
}
"""What no attribute should be set of: other code in the kernel relies on it."""

NAMES: frozenset[str] = frozenset(
    {"print", "input", "open", "exec", "eval", "display", "get_ipython", "__import__"}
)
"""Built-in names that must not be given to something else."""

CONVENTIONS: dict[str, str] = {
    "pd": "pandas",
    "np": "numpy",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
    "sm": "statsmodels.api",
    "mp": "multiprocessing",
    "tf": "tensorflow",
    "pl": "polars",
    "px": "plotly.express",
    "Path": "pathlib.Path",
    "HTML": "IPython.display.HTML",
    "Javascript": "IPython.display.Javascript",
    "Image": "IPython.display.Image",
    "urlopen": "urllib.request.urlopen",
    "import_module": "importlib.import_module",
    "load_dotenv": "dotenv.load_dotenv",
}
"""What a name usually stands for that an earlier cell imported."""

HEADS: frozenset[str] = frozenset(
    {name.partition(".")[0] for table in (FUNCTIONS, MODULES) for name in table}
    | WITHIN
    | names_in("""
    pandas numpy matplotlib polars torch json io glob gzip bz2 lzma zipfile tarfile tempfile
    operator sqlite3 h5py yaml csv builtins sklearn transformers duckdb sqlalchemy pathlib
    getpass display open getattr setattr delattr hasattr globals locals vars dir print input
    """)
) - names_in("""
    code sh commands notebook invoke fabric imp comm kaggle redis datasets wget site types
    websocket ssl weakref dill kafka
    """)
"""Names that stand for themselves where a cell neither imports nor assigns them; without
those that a variable of an earlier cell may well have."""


@lru_cache(maxsize=4096)
def effect_of(dotted: str) -> Effect | None:
    """Return what a reference to ``dotted`` may do, or None for nothing known."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        part = ".".join(parts[:end])
        if part in HARMLESS:
            return None
        if part in FUNCTIONS:
            return FUNCTIONS[part]
    if len(parts) > 1 and parts[0] in MODULES:
        return MODULES[parts[0]]
    if parts[:2] == ["sklearn", "datasets"] and parts[-1].startswith("fetch_"):
        return effects.NETWORK
    return None
