"""What the files of `formats/` are read into: modules of torch, and the plain nodes of ONNX before they are."""
