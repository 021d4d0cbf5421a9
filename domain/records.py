"""Records: frozen dataclasses whose classes cost next to nothing to make.

`dataclasses` writes and compiles methods for each class, and takes 14 ms to import: together, half of what `status`
and `models` once needed. A record shares one set of methods with all others. For type checkers a record *is* a
frozen dataclass, and `dataclasses.fields`, `asdict` and `replace` take it for one. Decision 35 says what it costs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

__all__ = ["dataclass", "field", "replace"]

if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    from functools import cache
    from operator import itemgetter

    class Options(NamedTuple):
        """What `field` says of one field, by the names that `dataclasses.field` has for it."""

        default: object = ...
        """The ellipsis: there is none. No field of a record has it as its default."""
        default_factory: object = None
        init: bool = True
        repr: bool = True
        compare: bool = True

    class Shape(NamedTuple):
        """What the shared methods need to know of a record's class."""

        options: dict
        """Of each field, in the order of their definition."""
        positional: tuple
        accepted: frozenset
        defaults: dict
        factories: tuple
        complete: int
        """The number of fields that have a value once the arguments are in."""
        compared: object
        """Called with the fields of a value, it returns what makes it equal to another one."""

    def field(**options):
        """Say of a field of a record what `dataclasses.field` would: default, default_factory, init, repr, compare."""
        return Options(**options)

    def dataclass(*, frozen, slots, kw_only=False):
        """Make the class below a record: what `dataclasses.dataclass` would make of it with the same arguments."""
        if not (frozen and slots):
            raise TypeError("a record is frozen, and has no other attributes than its fields")

        def made(cls):
            cls.__record__ = _shape(cls, kw_only)
            shared = {"__match_args__": cls.__record__.positional, **_SHARED}
            for name, method in shared.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return made

    def replace(one, /, **changes):
        """Return a copy of *one*, a record or another dataclass, with *changes*.

        Raises:
            TypeError: There is no such field, or it takes no argument.
        """
        shape = getattr(one, "__record__", None)
        if shape is None:
            import dataclasses

            return dataclasses.replace(one, **changes)
        values = one.__dict__
        kept = {name: values[name] for name in shape.accepted if name not in changes}
        return one.__class__(**kept, **changes)

    def _shape(cls, kw_only):
        options = {}
        for name in cls.__annotations__:
            default = cls.__dict__.get(name, ...)
            options[name] = default if isinstance(default, Options) else Options(default)
            if isinstance(default, Options):
                _give(cls, name, default)
        accepted = [name for name, option in options.items() if option.init]
        defaults = {name: option.default for name, option in options.items() if option.default is not ...}
        factories = tuple((name, option.default_factory) for name, option in options.items() if option.default_factory)
        unset = sum(name not in defaults and not options[name].default_factory for name in options.keys() - {*accepted})
        return Shape(
            options=options,
            positional=() if kw_only else tuple(accepted),
            accepted=frozenset(accepted),
            defaults=defaults,
            factories=factories,
            complete=len(options) - unset,
            compared=_getter([name for name, option in options.items() if option.compare]),
        )

    def _getter(names):
        if len(names) > 1:
            return itemgetter(*names)
        return lambda values: tuple(values[name] for name in names)

    def _give(cls, name, option):
        """Leave on the class what `dataclasses` would leave there: the default, or nothing."""
        if option.default is ...:
            delattr(cls, name)
        else:
            setattr(cls, name, option.default)

    def _init(self, *args, **kwargs):
        shape = self.__record__
        values = self.__dict__
        values.update(shape.defaults)
        if args:
            if len(args) > len(shape.positional) or not kwargs.keys().isdisjoint(shape.positional[: len(args)]):
                raise _misfit(self, args, kwargs)
            values.update(zip(shape.positional, args, strict=False))
        if kwargs:
            if not kwargs.keys() <= shape.accepted:
                raise _misfit(self, args, kwargs)
            values.update(kwargs)
        for name, factory in shape.factories:
            if name not in values:
                values[name] = factory()
        if len(values) != shape.complete:
            raise _misfit(self, args, kwargs)
        self.__post_init__()

    def _misfit(self, args, kwargs):
        """The error of arguments that do not fit, in the words of the dataclass that this would be."""
        try:
            _dataclass_of(type(self))(*args, **kwargs)
        except TypeError as error:
            return error
        return TypeError(f"{type(self).__name__} does not take these arguments")

    def _post_init(self):
        """Do nothing: a class that has something to do here defines it."""

    def _eq(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        compared = self.__record__.compared
        return compared(self.__dict__) == compared(other.__dict__)

    def _hash(self):
        return hash(self.__record__.compared(self.__dict__))

    def _repr(self):
        shown = (name for name, option in self.__record__.options.items() if option.repr)
        return f"{type(self).__qualname__}({', '.join(f'{name}={self.__dict__[name]!r}' for name in shown)})"

    def _setattr(_self, name, _value):
        raise _frozen(f"cannot assign to field {name!r}")

    def _delattr(_self, name):
        raise _frozen(f"cannot delete field {name!r}")

    def _frozen(words):
        from dataclasses import FrozenInstanceError

        return FrozenInstanceError(words)

    @cache
    def _dataclass_of(cls):
        """The dataclass that *cls* would be, without its methods: for who asks a record what a dataclass is asked."""
        import dataclasses

        body = {
            "__annotations__": dict(cls.__annotations__),
            "__module__": cls.__module__,
            "__qualname__": cls.__qualname__,
        }
        for name, option in cls.__record__.options.items():
            body[name] = dataclasses.field(
                default=dataclasses.MISSING if option.default is ... else option.default,
                default_factory=option.default_factory or dataclasses.MISSING,
                init=option.init,
                repr=option.repr,
                compare=option.compare,
                kw_only=not cls.__record__.positional,
            )
        return dataclasses.dataclass(frozen=True)(type(cls.__name__, (), body))

    class _Asked:
        """An attribute that `dataclasses` or `inspect` asks a dataclass for; it is made when they do."""

        def __init__(self, make):
            self._make = make

        def __get__(self, one, cls):
            return self._make(_dataclass_of(cls))

    def _signature(dataclass):
        import inspect

        return inspect.signature(dataclass)

    _SHARED = {
        "__init__": _init,
        "__post_init__": _post_init,
        "__eq__": _eq,
        "__hash__": _hash,
        "__repr__": _repr,
        "__setattr__": _setattr,
        "__delattr__": _delattr,
        "__replace__": replace,
        "__dataclass_fields__": _Asked(lambda dataclass: dataclass.__dataclass_fields__),
        "__dataclass_params__": _Asked(lambda dataclass: dataclass.__dataclass_params__),
        "__signature__": _Asked(_signature),
    }
