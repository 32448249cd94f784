"""What a server process gives up before it answers: it unpickles nothing but its machine code."""

import sys

from features.errors import WeirError

_EVENT = "pickle.find_class"


class UnpicklingRefused(WeirError):  # noqa: N818 - named after what happened
    """Pickled bytes in a server that asked for a class or a function by name."""


def refuse_pickles() -> None:
    """Refuse, from now to the end of this process, every pickle that names a class or function.

    numba keeps the machine code of our kernels as pickles in its cache folder, and constants as
    pickles inside that code. Reading those is let through, and only when it is numba's own reader
    that asks: whoever can write there can put machine code there, pickled or not. Python cannot
    take an audit hook away again.

    References
    ----------
    .. [1] PEP 578, Python runtime audit hooks.
    """
    from numba.core.caching import IndexDataCacheFile  # noqa: PLC0415 - costs a second
    from numba.core.serialize import _numba_unpickle  # noqa: PLC0415 - as above

    readers = {
        IndexDataCacheFile._load_index.__code__,  # noqa: SLF001 - numba names no other way
        IndexDataCacheFile._load_data.__code__,  # noqa: SLF001 - as above
        _numba_unpickle.__code__,
    }

    def look(event: str, given: tuple[object, ...]) -> None:
        # the frame that called into the unpickler
        if event == _EVENT and sys._getframe(1).f_code not in readers:  # noqa: SLF001 - who asks
            raise UnpicklingRefused(
                f"a pickle asked for {'.'.join(map(str, given))}; a server unpickles nothing"
            )

    sys.addaudithook(look)
