"""DLFA Explorer: which layer of a multilingual encoder should be fused with its last layer, and why?"""
