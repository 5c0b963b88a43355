"""How a document becomes a target's record: engine, specs as data, trace.

`mapping.mapper.Mapper` is the way in; `mapping.preview` shows a record without sending it.
"""
