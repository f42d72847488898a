"""A printed Keras summary for tests."""

# Printed as Keras before 2.8 did: the first column truncates long names.
KERAS_2_SUMMARY = """Model: "generator"
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
dense (Dense)                (None, 12544)             1254400   
_________________________________________________________________
batch_normalization (BatchNo (None, 12544)             50176     
_________________________________________________________________
conv2d_transpose (Conv2DTran (None, 7, 7, 128)         819200    
_________________________________________________________________
conv2d_transpose_1 (Conv2D   (None, 14, 14, 64)        204800    
=================================================================
Total params: 2,328,576
Trainable params: 2,303,488
Non-trainable params: 25,088
_________________________________________________________________
"""  # noqa: W291
