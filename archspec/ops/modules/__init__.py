"""The modules of ops that neither torch nor torchvision has, in files called as the ops' own.

archspec itself imports none of them, so that no torch is needed: a generated source takes along the
text of the classes that it uses, with what these use of their file and of torch. So nothing of
archspec is used here, and TorchScript can compile all of it.
"""
