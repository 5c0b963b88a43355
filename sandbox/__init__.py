"""Stand-ins for the outside systems, faithful enough that their own clients work against them.

Nothing in here is imported by the product's other rooms at run time, and this room imports none of
them: a stand-in that shared code with the product would share its mistakes.
"""
