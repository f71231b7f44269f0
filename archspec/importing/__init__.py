"""Any nn.Module → its graph → the page that a person would have written.

The passes, each a file named by its verb:

    export   the module, with inputs like the example's → torch.export's program, on a batch that cannot be mistaken
    read     the program → calls: what was computed, from which values, inside which modules
             (liveness: what leads nowhere is left out)
    modes    the calls of evaluation and those of training → one trace (noise: what is drawn at random)
    constants tensors that depend on no input → the op that makes them
    dissolve layers that do more than their class says → the layer, and what it does more
    name     calls → ops: torch.nn's own modules whole, functions one by one; what has no word is kept as opaque
    gather   ops → blocks: the calls of a module stand in a block named by its class
             (scopes: what stands in which; regroup: growing concatenations layer by layer;
             between: functions that run between a container's items; untangle: containers whose items take turns)
    idle     what does nothing in any mode is left out
    reshapes what only joins or splits neighbours is said without the other sizes
    slots    which children of blocks of one class stand in one place, for folding
    page/    the graph → text, by folding the calls as a page writes them
    prove    the module of the page, held against the module that it was written from

`trace` is export to slots. Only export, read, name and prove know torch.
"""
